namespace AltClip.Extensions;

/// <summary>What computes one tower, as logs, health checks and spans say it.</summary>
/// <param name="Kernel">The kernel; null where there is none yet.</param>
/// <param name="Precision">What its products really compute in.</param>
/// <param name="IsCalibrated">Whether they heed a calibration.</param>
internal readonly record struct TowerComputation(string? Kernel, InferencePrecision? Precision, bool IsCalibrated)
{
    /// <summary>The precision, and whether it is calibrated; null where there is none yet.</summary>
    public string? Numbers => IsCalibrated ? $"{Precision} (calibrated)" : Precision?.ToString();

    public static TowerComputation OfTexts(AltCLIPInference model) => new(model.TextKernel, model.TextPrecision, model.IsTextCalibrated);

    public static TowerComputation OfPictures(AltCLIPInference model) => new(model.ImageKernel, model.ImagePrecision, model.IsImageCalibrated);

    public override string ToString() => $"{Kernel} in {Numbers}";
}
