namespace AltClip.Training.Distributed;

/// <summary>SLURM's way to write the names of nodes: <c>rack1-[003-007,9],login</c>.</summary>
internal static class SlurmNodeList
{
    /// <summary>The first node, which is that of the first task.</summary>
    /// <exception cref="ArgumentException">The list has another form.</exception>
    public static string First(string list)
    {
        var name = "";
        for (var rest = list.AsSpan().Trim(); rest.Length > 0 && rest[0] != ',';)
        {
            if (rest[0] != '[')
            {
                var plain = rest.IndexOfAny(',', '[');
                name += plain < 0 ? rest.ToString() : rest[..plain].ToString();
                rest = plain < 0 ? [] : rest[plain..];
                continue;
            }
            var end = rest.IndexOf(']');
            // A range's first number is up to the range's sign, or the list's.
            var first = end < 0 ? [] : rest[1..end];
            if (first.IndexOfAny(',', '-') is > 0 and var length) first = first[..length];
            if (first.Length == 0 || first.ContainsAnyExceptInRange('0', '9'))
                throw new ArgumentException($"SLURM_STEP_NODELIST is '{list}'; expected names as node[01-04].");
            name += first.ToString();
            rest = rest[(end + 1)..];
        }
        return name.Length > 0 ? name : throw new ArgumentException($"SLURM_STEP_NODELIST is '{list}'; expected names as node[01-04].");
    }
}
