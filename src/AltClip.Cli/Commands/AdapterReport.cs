using AltClip.Modeling.Adapters;

namespace AltClip.Cli.Commands;

/// <summary>What <c>altclip info</c> says of an adapter.</summary>
internal sealed record AdapterReport(string Adapter, double Weight, int Rank, double Alpha, bool UseDora, int Layers, int WholeTensors)
{
    /// <summary>Reads an adapter's settings and the names of its tensors.</summary>
    /// <param name="source">The adapter's folder.</param>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="ConfigurationException">The settings can't be read, or aren't supported.</exception>
    public static AdapterReport Read(AdapterSource source)
    {
        var options = LoraConfigFile.Read(source.FolderOrId).Options;
        using var file = LoraFiles.OpenWeights(source.FolderOrId);
        var names = file.Names.Where(name => !LoraTensorName.IsNeverRead(name)).Select(LoraTensorName.Parse).OfType<LoraTensorName>().ToLookup(name => name.Part is null, name => name.Module);
        return new(source.FolderOrId, source.Weight, options.Rank, options.Alpha, options.UseDora, names[false].Distinct().Count(), names[true].Count());
    }
}
