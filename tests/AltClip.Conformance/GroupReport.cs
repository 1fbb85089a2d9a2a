using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>What one group of reference cases came to.</summary>
internal sealed class GroupReport(string name)
{
    public string Name { get; } = name;
    public int Cases { get; private set; }
    public double WorstDifference { get; private set; }
    public List<string> Failures { get; } = [];

    /// <summary>Cases that there is no code for yet, or not on this platform: neither right nor wrong.</summary>
    public List<string> WithoutCode { get; } = [];

    /// <summary>Cases that another group holds by a better criterion.</summary>
    public int Superseded { get; private set; }

    public void Passed(double difference = 0)
    {
        Cases++;
        WorstDifference = Math.Max(WorstDifference, difference);
    }

    public void Failed(string @case, string reason, double difference = double.NaN)
    {
        Cases++;
        Failures.Add($"{@case}: {reason}");
        if (difference > WorstDifference || (double.IsNaN(difference) && WorstDifference == 0)) WorstDifference = difference;
    }

    public void HeldElsewhere() => Superseded++;

    /// <summary>Runs one case, which throws if it doesn't hold and must leave no tensor behind.</summary>
    /// <param name="case">Its name.</param>
    /// <param name="run">Gives the worst difference that it saw.</param>
    public void Case(string @case, Func<double> run)
    {
        try
        {
            // Tensors that earlier code merely forgot must not go while this case counts.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var before = Tensor.TotalCount;
            var difference = run();
            var left = Tensor.TotalCount - before;
            if (left != 0) Failed(@case, $"{left} tensors were left behind", difference);
            else Passed(difference);
        }
        catch (PlatformNotSupportedException e)
        {
            WithoutCode.Add($"{@case}: {e.Message}");
        }
        catch (Exception e)
        {
            Failed(@case, e is MismatchException ? e.Message : e.ToString());
        }
    }
}
