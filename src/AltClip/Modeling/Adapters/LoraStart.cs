namespace AltClip.Modeling.Adapters;

/// <summary>What an adapter's start took from the weights of the linear layers that it is for.</summary>
internal enum LoraStart
{
    /// <summary>Nothing.</summary>
    Plain,

    /// <summary>The largest singular values (PiSSA, arXiv 2404.02948).</summary>
    Pissa,

    /// <summary>The first columns of its QR decomposition (OLoRA, arXiv 2406.01775).</summary>
    Olora,
}
