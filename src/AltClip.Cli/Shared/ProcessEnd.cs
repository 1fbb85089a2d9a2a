using System.Runtime.InteropServices;

namespace AltClip.Cli;

/// <summary>
/// Ends the process as a crash would, but with an exit code. <see cref="Environment.Exit"/> runs the destructors of libtorch's globals, while its
/// threads compute with them, and often ends in SIGSEGV.
/// </summary>
internal static class ProcessEnd
{
    private const int StandardError = 2;

    /// <summary>Ends the process. Nothing is flushed, and no other thread runs on.</summary>
    /// <param name="code">The exit code.</param>
    /// <param name="showsCursor">Whether the terminal's cursor is hidden, and to be shown again.</param>
    public static void Now(ExitCode code, bool showsCursor)
    {
        if (showsCursor) ShowCursor();
        if (OperatingSystem.IsWindows()) _ = TerminateProcess(GetCurrentProcess(), (uint)code);
        else Exit((int)code);
    }

    // Not by Console: another thread may hold its lock.
    private static void ShowCursor()
    {
        ReadOnlySpan<byte> text = "\e[?25h\n"u8;
        if (OperatingSystem.IsWindows()) Console.OpenStandardError().Write(text); // has no lock there
        else _ = Write(StandardError, text.ToArray(), text.Length);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void Exit(int code);

    [DllImport("libc", EntryPoint = "write")]
    private static extern nint Write(int file, byte[] bytes, nint count);

    [DllImport("kernel32")]
    private static extern nint GetCurrentProcess();

    [DllImport("kernel32")]
    private static extern int TerminateProcess(nint process, uint code);
}
