using System.Runtime.Versioning;

// It kills, mounts and traces as Linux does.
[assembly: SupportedOSPlatform("linux")]
