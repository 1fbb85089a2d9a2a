using AltClip.Tests;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class PictureSorterTests : IClassFixture<EmojiPipeline>, IDisposable
{
    private static readonly string[] Labels = ["penguin", "pizza", "火箭"];

    private readonly EmojiPipeline _emoji;
    private readonly TemporaryFolder _folder = new();

    public PictureSorterTests(EmojiPipeline emoji)
    {
        _emoji = emoji;
        Directory.CreateDirectory(Path.Combine(Pictures, "more"));
        Copy("penguin", "a.png");
        Copy("pizza", "b.png");
        Copy("rocket", "c.png");
        Copy("penguin", "more/a.png");
        File.SetLastWriteTimeUtc(Path.Combine(Pictures, "a.png"), new DateTime(2020, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        File.AppendAllText(Path.Combine(Pictures, "more/a.png"), "another");
    }

    private string Pictures => _folder.File("pictures");

    private string Into => _folder.File("sorted");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task APlanChangesNothingAndIsThenDone()
    {
        var plan = await PlanAsync();
        Assert.False(Directory.Exists(Into));
        Assert.Equal(["penguin/a.png", "pizza/b.png", "火箭/c.png", "penguin/a (2).png"], Targets(plan.Pictures));
        Assert.All(plan.Pictures, picture => Assert.InRange(picture.Probability, 0.5f, 1));
        var report = await PictureSorter.ApplyAsync(plan, PictureSortAction.Copy);
        Assert.Equal((4, 0), (report.Done, report.Failures.Count));
        foreach (var picture in report.Pictures) Assert.Equal(File.ReadAllBytes(picture.Picture), File.ReadAllBytes(picture.Target!));
        Assert.Equal(2020, File.GetLastWriteTimeUtc(Path.Combine(Into, "penguin/a.png")).Year);
        Assert.Equal(4, Directory.GetFiles(Pictures, "*", SearchOption.AllDirectories).Length);
        Assert.Equal(4, Directory.GetFiles(Into, "*", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineData(PictureSortAction.Copy)]
    [InlineData(PictureSortAction.Link)]
    public async Task AgainNothingIsDoneTwice(PictureSortAction action)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && action == PictureSortAction.Link, "Links take rights on Windows.");
        await PictureSorter.ApplyAsync(await PlanAsync(), action);
        var again = await PlanAsync();
        Assert.All(again.Pictures, picture => Assert.True(picture.IsThere));
        Assert.Equal(["penguin/a.png", "pizza/b.png", "火箭/c.png", "penguin/a (2).png"], Targets(again.Pictures));
        var report = await PictureSorter.ApplyAsync(again, action);
        Assert.Equal(0, report.Done);
        Assert.Equal(4, Directory.GetFiles(Into, "*", SearchOption.AllDirectories).Length);
        if (action == PictureSortAction.Link) Assert.Equal(Path.Combine(Pictures, "c.png"), new FileInfo(Path.Combine(Into, "火箭/c.png")).LinkTarget);
    }

    [Fact]
    public async Task AFolderThatIsReachedByALinkIsTheSame()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links take rights on Windows.");
        Directory.CreateSymbolicLink(_folder.File("linked"), Pictures);
        await PictureSorter.ApplyAsync(await PlanAsync(_folder.File("linked")), PictureSortAction.Link);
        var again = await PlanAsync();
        Assert.All(again.Pictures, picture => Assert.True(picture.IsThere));
    }

    [Fact]
    public async Task NoFileIsReplaced()
    {
        Directory.CreateDirectory(Path.Combine(Into, "penguin"));
        File.WriteAllText(Path.Combine(Into, "penguin/a.png"), "mine");
        if (!OperatingSystem.IsWindows()) File.CreateSymbolicLink(Path.Combine(Into, "penguin/a (2).png"), _folder.File("nowhere"));
        var plan = await PlanAsync();
        Assert.Equal(OperatingSystem.IsWindows() ? "penguin/a (2).png" : "penguin/a (3).png", Targets(plan.Pictures)[0]);
        // Taken after the plan was made.
        File.WriteAllText(plan.Pictures[0].Target!, "mine too");
        var report = await PictureSorter.ApplyAsync(plan, PictureSortAction.Copy);
        Assert.Empty(report.Failures);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Into, "penguin/a.png")));
        Assert.Equal("mine too", File.ReadAllText(plan.Pictures[0].Target!));
        Assert.Equal(4, report.Pictures.Select(picture => picture.Target).Distinct().Count());
        foreach (var picture in report.Pictures) Assert.Equal(File.ReadAllBytes(picture.Picture), File.ReadAllBytes(picture.Target!));
    }

    [Fact]
    public async Task WhatIsSortedIntoTheFolderItselfIsNotSortedAgain()
    {
        var inside = Path.Combine(Pictures, "sorted");
        for (var i = 0; i < 2; i++)
        {
            var plan = await PictureSorter.PlanAsync(_emoji.Pipeline, Pictures, Labels, inside);
            Assert.Equal(4, plan.Pictures.Count);
            await PictureSorter.ApplyAsync(plan, PictureSortAction.Copy);
        }
        Assert.Equal(4, Directory.GetFiles(inside, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task PicturesThatFitNoLabelOrCantBeReadStay()
    {
        File.WriteAllText(Path.Combine(Pictures, "bad.png"), "no picture");
        Copy("volcano", "hidden/.v.png");
        var plan = await PictureSorter.PlanAsync(_emoji.Pipeline, Pictures, ["penguin", "guitar"], Into, new() { MinProbability = 1, Exclude = ["more"] });
        Assert.Equal(["bad.png"], plan.Failures.Select(failure => Path.GetFileName(failure.Id)));
        Assert.Equal(["a.png", "b.png", "c.png"], plan.Pictures.Select(picture => Path.GetFileName(picture.Picture)));
        Assert.Contains(plan.Pictures, picture => picture.Target is null);
        var report = await PictureSorter.ApplyAsync(plan, PictureSortAction.Copy);
        Assert.Equal(plan.Pictures.Count(picture => picture.Target is not null), report.Done);
    }

    [Theory]
    [InlineData("no labels")]
    [InlineData("is empty", "a", " ")]
    [InlineData("one folder, A", "a", "A")]
    [InlineData("one folder, a_b", "a/b", "a:b")]
    [InlineData("can't be a folder's name", "..")]
    public async Task LabelsThatCantBeFoldersAreRefused(string message, params string[] labels) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<ArgumentException>(() => PictureSorter.PlanAsync(_emoji.Pipeline, Pictures, labels, Into))).Message);

    [Fact]
    public async Task FoldersAreChecked()
    {
        foreach (var into in new[] { Pictures, _folder.Path })
            await Assert.ThrowsAsync<ArgumentException>(() => PictureSorter.PlanAsync(_emoji.Pipeline, Pictures, Labels, into));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => PictureSorter.PlanAsync(_emoji.Pipeline, _folder.File("no"), Labels, Into));
        var plan = await PictureSorter.PlanAsync(_emoji.Pipeline, Pictures, ["a/b", "penguin"], Into, new() { Templates = ["a {}"] });
        Assert.All(plan.Pictures, picture => Assert.Equal(Into, Path.GetDirectoryName(Path.GetDirectoryName(picture.Target))));
    }

    private Task<PictureSortPlan> PlanAsync(string? pictures = null) => PictureSorter.PlanAsync(_emoji.Pipeline, pictures ?? Pictures, Labels, Into);

    private string[] Targets(IEnumerable<SortedPicture> pictures) => [.. pictures.Select(picture => Path.GetRelativePath(Into, picture.Target!).Replace('\\', '/'))];

    private void Copy(string emoji, string name)
    {
        var target = Path.Combine(Pictures, name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(EmojiPipeline.Picture(emoji), target);
    }
}
