namespace AltClip.Training.Data;

/// <summary>A picture with the texts that describe it: an example of contrastive training, or of image-text retrieval.</summary>
/// <param name="Image">The picture; it is read when it is needed.</param>
/// <param name="Captions">The texts, at least one. Training takes one of them at random each time.</param>
public sealed record CaptionedImage(ImageSource Image, IReadOnlyList<string> Captions);

/// <summary>A text and what it is in another language: an example of teacher learning, the paper's first stage.</summary>
/// <param name="Source">The text for the teacher, English.</param>
/// <param name="Target">The same for the student, in any language.</param>
public sealed record ParallelText(string Source, string Target);
