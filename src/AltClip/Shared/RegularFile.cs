using System.Runtime.InteropServices;

namespace AltClip.Shared;

/// <summary>Tells files from what only looks like one: opening a pipe waits for its writer, and a device may never end.</summary>
internal static unsafe partial class RegularFile
{
    private const int CurrentFolder = -100;
    private const uint TypeAndMode = 1;
    private const int ModeOffset = 28;
    private const int StatxSize = 256;
    private const int TypeMask = 0xf000, Regular = 0x8000, Folder = 0x4000;

    /// <summary>Refuses a pipe, a device or a socket, also at the end of links.</summary>
    /// <param name="path">The file, which may be missing: that is for who opens it to say.</param>
    /// <exception cref="IOException">It is one of them.</exception>
    public static void RefuseOthers(string path)
    {
        if (OperatingSystem.IsLinux() && Mode(path) is { } mode && (mode & TypeMask) is not (Regular or Folder))
            throw new IOException($"{path} is a pipe, a device or a socket; expected a file.");
    }

    private static int? Mode(string path)
    {
        var buffer = stackalloc byte[StatxSize];
        try
        {
            return Statx(CurrentFolder, path, 0, TypeAndMode, buffer) == 0 ? *(ushort*)(buffer + ModeOffset) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* buffer);
}
