using System.Text;
using AltClip.Tests;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class CaptionFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CaptionFilesTests()
    {
        Directory.CreateDirectory(_folder.File("val2014"));
        foreach (var name in new[] { "1007129816.jpg", "1009434119.jpg", "val2014/COCO_val2014_000000000042.jpg", "COCO_train2014_000000000101.jpg" })
            File.WriteAllBytes(_folder.File(name), [1]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FlickrTokens()
    {
        Write("t.token", "1007129816.jpg#0\tThe man with # pierced ears.\n1007129816.jpg#1\tA man  with glasses .\n1009434119.jpg#0\tA dog .\n");
        var set = CaptionFiles.FromTokens(_folder.File("t.token"), _folder.Path);
        Assert.Equal(["The man with # pierced ears.", "A man  with glasses ."], set[0].Captions);
        Assert.Equal(_folder.File("1009434119.jpg"), set[1].Image.Name);
        Write("cn.txt", "1009434119#0\t一只狗\n\n1007129816.jpg#zhm#0 戴眼镜的男人\n");
        Assert.Equal(["一只狗", "戴眼镜的男人"], CaptionFiles.FromTokens(_folder.File("cn.txt"), _folder.Path).SelectMany(example => example.Captions));
    }

    /// <summary>Letters of another encoding would be captions that nobody wrote.</summary>
    [Fact]
    public void WhatIsNoUtf8IsRefused()
    {
        var path = _folder.File("latin1.txt");
        File.WriteAllText(path, "1007129816.jpg#0\tdes bébés\n1007129816.jpg, des bébés\n", Encoding.Latin1);
        Action[] readers =
        [
            () => CaptionFiles.FromTokens(path, _folder.Path),
            () => CaptionFiles.FromClipBenchmark(path, _folder.Path),
            () => ZeroShotPrompts.FromFiles(path),
        ];
        Assert.All(readers, read => Assert.Contains("is not UTF-8", Assert.Throws<DataSetException>(read).Message));
    }

    [Fact]
    public void CocoCnWithItsSplit()
    {
        Write("imageid.human-written-caption.txt",
            "COCO_train2014_000000000101#0\t一只猫坐在沙发上\nCOCO_val2014_000000000042#0\t城市夜景\nCOCO_val2014_000000000042#1\t夜晚的街道\nCOCO_val2014_000000000099#0\t没有图\n");
        Write("coco-cn_test.txt", "COCO_val2014_000000000042\n\nCOCO_train2014_000000000101\n");
        var set = CaptionFiles.FromTokens(_folder.File("imageid.human-written-caption.txt"), _folder.Path, _folder.File("coco-cn_test.txt"));
        Assert.Equal([_folder.File("val2014/COCO_val2014_000000000042.jpg"), _folder.File("COCO_train2014_000000000101.jpg")], set.Select(example => example.Image.Name));
        Assert.Equal(["城市夜景", "夜晚的街道"], set[0].Captions);
        Write("more.txt", "COCO_val2014_000000000042\nCOCO_val2014_7\n");
        Assert.Equal(["COCO_val2014_7"], Assert.Throws<DataSetException>(
            () => CaptionFiles.FromTokens(_folder.File("imageid.human-written-caption.txt"), _folder.Path, _folder.File("more.txt"))).Problems);
        Assert.Single(Assert.Throws<MissingImagesException>(
            () => CaptionFiles.FromTokens(_folder.File("imageid.human-written-caption.txt"), _folder.Path)).MissingImages);
    }

    [Fact]
    public void CocosOwnJson()
    {
        Write("captions.json", """
            {"images": [{"id": 7, "file_name": "1007129816.jpg"}, {"id": 9, "file_name": "COCO_val2014_000000000042.jpg"}],
             "annotations": [{"id": 1, "image_id": 9, "caption": "three "}, {"id": 2, "image_id": 7, "caption": "one"}, {"id": 3, "image_id": 7, "caption": "two"}]}
            """);
        var set = CaptionFiles.FromCoco(_folder.File("captions.json"), _folder.Path);
        Assert.Equal(["one", "two", "three"], set.SelectMany(example => example.Captions));
        Write("bad.json", """{"images": [], "annotations": [{"image_id": 3, "caption": "x"}]}""");
        Assert.Contains("1 captioned pictures are not in its images", Assert.Throws<DataSetException>(() => CaptionFiles.FromCoco(_folder.File("bad.json"), _folder.Path)).Message);
        Write("bad.json", """{"images": [{"id": 3, "file_name": "x.jpg"}], "annotations": [{"image_id": 3, "caption": null}]}""");
        Assert.Contains("caption is null", Assert.Throws<DataSetException>(() => CaptionFiles.FromCoco(_folder.File("bad.json"), _folder.Path)).Message);
        Write("bad.json", """{"images": [{"id": 3, "file_name": null}], "annotations": []}""");
        Assert.Contains("file_name is null", Assert.Throws<DataSetException>(() => CaptionFiles.FromCoco(_folder.File("bad.json"), _folder.Path)).Message);
        Write("bad.json", """{"images": [{"split": "test"}]}""");
        Assert.Contains("not COCO's captions", Assert.Throws<DataSetException>(() => CaptionFiles.FromCoco(_folder.File("bad.json"), _folder.Path)).Message);
    }

    [Fact]
    public void KarpathysJson()
    {
        Write("k.json", """
            {"images": [
              {"split": "test", "filename": "1007129816.jpg", "sentences": [{"raw": "one", "tokens": []}, {"raw": "two"}]},
              {"split": "train", "filename": "none.jpg", "sentences": [{"raw": "three"}]},
              {"split": "test", "filepath": "val2014", "filename": "COCO_val2014_000000000042.jpg", "sentences": [{"raw": "four"}]}],
             "dataset": "x"}
            """);
        var set = CaptionFiles.FromKarpathy(_folder.File("k.json"), _folder.Path);
        Assert.Equal(["one", "two", "four"], set.SelectMany(example => example.Captions));
        Assert.Contains("val: it is empty", Assert.Throws<DataSetException>(() => CaptionFiles.FromKarpathy(_folder.File("k.json"), _folder.Path, "val")).Message);
        Write("bad.json", """{"annotations": []}""");
        Assert.Contains("not Karpathy's JSON", Assert.Throws<DataSetException>(() => CaptionFiles.FromKarpathy(_folder.File("bad.json"), _folder.Path)).Message);
    }

    [Fact]
    public void ClipBenchmarksLines()
    {
        Write("f.txt", "image,caption\n1007129816.jpg,\"Hello\", he said, and left.\n1007129816.jpg,two\n");
        Assert.Equal(["\"Hello\", he said, and left.", "two"], CaptionFiles.FromClipBenchmark(_folder.File("f.txt"), _folder.Path)[0].Captions);
        Write("g.txt", "image,caption\n1007129816.png,x\n");
        Assert.Equal(["line 2: expected NAME.jpg, a comma and a caption"],
            Assert.Throws<DataSetException>(() => CaptionFiles.FromClipBenchmark(_folder.File("g.txt"), _folder.Path)).Problems);
    }

    [Fact]
    public void ChineseClipsPair()
    {
        var picture = TestPictures.Jpeg(20, 16);
        Write("texts.jsonl", """
            {"text_id": 1, "text": "一只狗", "image_ids": [36979]}
            {"text_id": 2, "text": "两只狗", "image_ids": [7]}
            {"text_id": 3, "text": "小狗", "image_ids": [36979]}
            """);
        Write("imgs.tsv", $"7\t{Convert.ToBase64String(picture).Replace('+', '-').Replace('/', '_')}\n36979\t{Convert.ToBase64String(picture)}\n8\tnot needed\n");
        var set = CaptionFiles.FromChineseClip(_folder.File("texts.jsonl"), _folder.File("imgs.tsv"));
        Assert.Equal(["一只狗", "小狗"], set[0].Captions);
        Assert.Equal(TestPictures.Decode(ImageSource.FromBytes(picture)), TestPictures.Decode(set[1].Image));

        Write("few.tsv", "8\tAAAA\n");
        Assert.Equal(["36979", "7"], Assert.Throws<MissingImagesException>(
            () => CaptionFiles.FromChineseClip(_folder.File("texts.jsonl"), _folder.File("few.tsv"))).MissingImages);
        Write("bad.tsv", "7\t%\nx\n");
        Assert.Equal(2, Assert.Throws<DataSetException>(
            () => CaptionFiles.FromChineseClip(_folder.File("texts.jsonl"), _folder.File("bad.tsv"))).Problems.Count);
        Write("several.jsonl", """{"text": "狗", "image_ids": [1, 2]}""");
        Assert.Equal(["line 1: expected one text and one of image_ids"], Assert.Throws<DataSetException>(
            () => CaptionFiles.FromChineseClip(_folder.File("several.jsonl"), _folder.File("imgs.tsv"))).Problems);
    }

    [Fact]
    public void MalformedTokensAreListedByLine()
    {
        Write("t.token", "1007129816.jpg#0\tok\nno number here\n1007129816.jpg#1\n");
        Assert.Equal(["line 2", "line 3"], Assert.Throws<DataSetException>(
            () => CaptionFiles.FromTokens(_folder.File("t.token"), _folder.Path)).Problems.Select(problem => problem[..6]));
    }

    private void Write(string name, string text) => File.WriteAllText(_folder.File(name), text);
}
