namespace AltClip.Inference.Calibration;

/// <summary>How the inputs of an int8 product become whole numbers.</summary>
/// <param name="Mean">
/// The mean of each input: [inputs]. What rounding the weights does to it is the same for every input, and taken off the bias (arXiv 1906.04721,
/// section 4.2).
/// </param>
/// <param name="Smoothing">
/// What each input is divided by, and its column of the weights multiplied: [inputs], positive. Inputs that are much greater than others leave the
/// others few steps; so the weights, which have room, take a part of them (SmoothQuant, arXiv 2211.10438). Null where that gains nothing.
/// </param>
/// <param name="Range">
/// The least and the greatest input after that, for all rows, which then have one step; null where each row has its own, found at run time.
/// </param>
internal sealed record ProductCalibration(float[] Mean, float[]? Smoothing, (float Low, float High)? Range);
