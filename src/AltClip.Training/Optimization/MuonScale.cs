namespace AltClip.Training.Optimization;

/// <summary>How Muon's steps are made as large as another optimizer's: the factor on the learning rate, by a matrix's rows and columns.</summary>
public enum MuonScale
{
    /// <summary>0.2 sqrt(max(rows, columns)): steps as large as AdamW's, whose learning rate and decay do then (arXiv 2502.16982, equation 4).</summary>
    MatchRmsAdamW,

    /// <summary>sqrt(max(1, rows / columns)), as Muon was first described; learning rates are ten to fifty times AdamW's.</summary>
    Original,
}
