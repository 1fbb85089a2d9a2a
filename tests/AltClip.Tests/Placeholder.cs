namespace AltClip.Tests;
