namespace EmojiClip;

/// <summary>One part of a stage.</summary>
/// <param name="Name">Names its checkpoint.</param>
/// <param name="Steps">How many steps it has.</param>
/// <param name="LearningRate">Where the learning rate begins.</param>
/// <param name="FinalLearningRate">Where its cosine ends.</param>
/// <param name="PictureSide">The side of the pictures, where there are pictures: small ones first save most of the time.</param>
/// <param name="Neighbours">How many emoji that follow each other in the list go into a batch together.</param>
/// <param name="Strength">How far pictures and captions are varied at the beginning: with all of it the model stays at chance for long.</param>
/// <param name="FinalStrength">How far at the end.</param>
/// <param name="MeasureEvery">After how many steps each scores are taken.</param>
/// <param name="MeasuresLanguages">Whether scores are taken in other languages than English as well.</param>
/// <param name="IsWide">Whether pictures are turned further, smaller and on dark backgrounds too.</param>
/// <param name="MixesArtists">Whether pictures of an emoji by two artists are mixed into one by neither, and come in more styles.</param>
internal sealed record Phase(
    string Name, long Steps, double LearningRate, double FinalLearningRate, int PictureSide = Architecture.PictureSide, int Neighbours = 1,
    float Strength = 1, float FinalStrength = 1, int MeasureEvery = 200, bool MeasuresLanguages = true, bool IsWide = false, bool MixesArtists = false)
{
    public float StrengthAt(long step) => Strength + (FinalStrength - Strength) * step / Steps;
}
