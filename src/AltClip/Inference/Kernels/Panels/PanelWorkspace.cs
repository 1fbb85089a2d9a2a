namespace AltClip.Inference.Kernels.Panels;

/// <summary>One text, or one picture, in a batch.</summary>
/// <param name="First">Its first token's row.</param>
/// <param name="Length">Its number of tokens.</param>
/// <param name="Asked">The first of its rows in the queries and in what attention gives.</param>
/// <param name="Queries">How many of its tokens ask: all, or the first alone.</param>
internal readonly record struct PanelSequence(int First, int Length, int Asked, int Queries);

/// <summary>What all layers use in turn, for one call at a time.</summary>
internal sealed unsafe class PanelWorkspace : IDisposable
{
    private readonly PanelMemory _x = new(), _asking = new(), _wide = new(), _context = new(), _sum = new();
    private readonly int _width, _widest;

    /// <param name="width">The size of a state.</param>
    /// <param name="intermediate">The size of the widest that a product makes of one.</param>
    /// <param name="attention">Attention, with its number of heads.</param>
    public PanelWorkspace(int width, int intermediate, PanelAttention attention)
    {
        _width = width;
        _widest = Math.Max(3 * _width, intermediate);
        Attention = attention;
    }

    /// <summary>Who does the work of the call: see <see cref="Begin"/>.</summary>
    public WorkTeam Team { get; private set; } = null!;

    public PanelAttention Attention { get; }

    /// <summary>Memory for each of the team.</summary>
    public PanelMemory[] Scratch { get; private set; } = [];

    /// <summary>What a product reads.</summary>
    public PanelRows Rows { get; } = new();

    /// <summary>The states: [tokens, width].</summary>
    public float* X => (float*)_x.Start;

    /// <summary>The states of first tokens in the last layer: [sequences, width].</summary>
    public float* Asking => (float*)_asking.Start;

    /// <summary>Queries, keys and values, or the widened states.</summary>
    public float* Wide => (float*)_wide.Start;

    /// <summary>What attention gives: [tokens, width].</summary>
    public float* Context => (float*)_context.Start;

    /// <summary>What goes into a norm or comes out of one: [tokens, width].</summary>
    public float* Sum => (float*)_sum.Start;

    /// <summary>Begins a call: makes room for a number of tokens, and for each of the team.</summary>
    public void Begin(WorkTeam team, long tokens)
    {
        Team = team;
        while (Scratch.Length < team.Threads) Scratch = [.. Scratch, new PanelMemory()];
        foreach (var buffer in (PanelMemory[])[_x, _asking, _context, _sum]) buffer.Reserve(tokens * _width);
        _wide.Reserve(tokens * _widest);
    }

    public void Dispose()
    {
        foreach (var buffer in (PanelMemory[])[_x, _asking, _wide, _context, _sum, .. Scratch]) buffer.Dispose();
        Rows.Dispose();
    }
}
