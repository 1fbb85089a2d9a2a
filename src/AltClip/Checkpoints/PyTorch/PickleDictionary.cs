namespace AltClip.Checkpoints.PyTorch;

/// <summary>A pickled <c>dict</c> or <c>OrderedDict</c>: keys and values in the order of assignment, a later value for an equal key still beside the earlier.</summary>
internal sealed class PickleDictionary : List<KeyValuePair<object?, object?>>;
