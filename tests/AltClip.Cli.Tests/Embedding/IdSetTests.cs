using System.Globalization;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class IdSetTests
{
    [Fact]
    public void AnIdTakesAsManyBytesAsThePageSays()
    {
        // Most is taken while the table grows, and the old one is there as well.
        var ids = new IdSet();
        var (table, most) = (0L, 0.0);
        for (var count = 1; count < 500_000; count++)
        {
            var id = count.ToString(CultureInfo.InvariantCulture);
            var before = GC.GetAllocatedBytesForCurrentThread();
            ids.Add(id);
            var taken = GC.GetAllocatedBytesForCurrentThread() - before;
            if (taken < 100_000) continue;
            most = (double)(table + taken) / count;
            table = taken;
        }
        new Statement("takes up to some {} bytes of memory for each", 100 * Math.Round(most / 100)).AssertHolds();
    }
}
