using System.CommandLine;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip evaluate retrieval CAPTIONS</c></summary>
internal static class EvaluateRetrievalCommand
{
    public static Command Create(CliConsole console)
    {
        var captions = new Argument<string>("CAPTIONS") { Description = "The captions; see --format." };
        var images = new Option<string?>("--images", "-i")
        {
            Description = "The folder of the pictures; for chinese-clip the file test_imgs.tsv. Default: the captions' folder.",
            HelpName = "FOLDER",
        };
        var table = new CaptionTableOptions(
            ["table", "tokens", "karpathy", "coco", "clip-benchmark", "chinese-clip"],
            "table (or tsv, csv, jsonl, parquet where the extension says nothing): columns image and caption; tokens: lines NAME#0 CAPTION of Flickr30k, "
            + "Flickr30k-CN and COCO-CN; karpathy: dataset_coco.json; coco: captions_val2017.json; clip-benchmark: flickr30k_test_karpathy.txt; "
            + "chinese-clip: test_texts.jsonl. Default: table.");
        var split = new Option<string?>("--split") { Description = "karpathy: the part, by default test. tokens: a file with the names of the pictures to take.", HelpName = "NAME|FILE" };
        var common = new EvaluationOptions();
        var command = new CliCommand(
            "retrieval", "Finds captions by pictures and pictures by captions, and counts how often the right one is among the first 1, 5 and 10.",
            "altclip evaluate retrieval captions.tsv --images pictures",
            "altclip evaluate retrieval dataset_flickr30k.json --format karpathy --images flickr30k-images --model BAAI/AltCLIP",
            "altclip evaluate retrieval flickr30k_cn_test.txt --format tokens --images flickr30k-images --model BAAI/AltCLIP --json")
        {
            captions, images, split,
        };
        table.AddTo(command);
        common.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var (path, folder, format) = (parsed.GetRequiredValue(captions), parsed.GetValue(images), table.Format(parsed));
            if (format is "tokens" or "karpathy" or "coco" or "clip-benchmark" or "chinese-clip") table.RefuseFor(parsed, $"--format {format}");
            var examples = Read(path, folder, format, parsed.GetValue(split), table.Read(parsed));
            return await common.RunAsync(
                parsed, console, examples.Count, async (pipeline, progress) =>
                {
                    var report = await RetrievalEvaluation.RunAsync(pipeline, examples, progress, cancellationToken);
                    return new EvaluationResult(report.ToJson(), report.Table(), report.Skipped);
                }, cancellationToken);
        });
        return command;
    }

    private static CaptionedImages Read(string path, string? images, string? format, string? split, CaptionedImagesOptions table)
    {
        if (split is not null && format is not ("tokens" or "karpathy")) throw new UsageException($"--split is not for --format {format ?? "table"}.");
        var folder = images ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        return format switch
        {
            "tokens" => CaptionFiles.FromTokens(path, folder, split),
            "karpathy" => CaptionFiles.FromKarpathy(path, folder, split ?? "test"),
            "coco" => CaptionFiles.FromCoco(path, folder),
            "clip-benchmark" => CaptionFiles.FromClipBenchmark(path, folder),
            "chinese-clip" => CaptionFiles.FromChineseClip(path, images ?? Path.Combine(folder, "test_imgs.tsv")),
            _ => CaptionedImages.FromFile(path, table with { ImageFolder = images }),
        };
    }
}
