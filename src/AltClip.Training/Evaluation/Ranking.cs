namespace AltClip.Training.Evaluation;

/// <summary>The order of things by their scores: the higher first, of equal ones the one that comes first.</summary>
internal static class Ranking
{
    /// <summary>How many come before one; all of them if its score is no number.</summary>
    public static int Of(ReadOnlySpan<float> scores, int index)
    {
        var (own, before) = (scores[index], 0);
        for (var i = 0; i < index; i++) before += scores[i] < own ? 0 : 1;
        for (var i = index + 1; i < scores.Length; i++) before += scores[i] <= own ? 0 : 1;
        return before;
    }
}
