namespace AltClip.Checkpoints.PyTorch;

/// <summary>A function that a pickle may call, of the arguments it gives.</summary>
internal delegate object PickleFunction(object?[] arguments);

/// <summary>All that a pickle can mean beyond numbers, text and containers.</summary>
internal interface IPickleVocabulary
{
    /// <summary>The function or type of a name; a <see cref="PickledUnknown"/> for every name that is not known to be harmless.</summary>
    object Find(string module, string name);

    /// <summary>What a reference to data outside the pickle stands for.</summary>
    object Resolve(object? persistentId);
}
