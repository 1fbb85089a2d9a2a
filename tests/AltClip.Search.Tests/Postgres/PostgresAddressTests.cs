using AltClip.Search.Postgres;
using Npgsql;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class PostgresAddressTests
{
    [Fact]
    public void UrisAreReadAsLibpqDoes()
    {
        var address = PostgresAddress.Parse("postgresql://us%65r:p%40ss:word@db.example:6543/pictu%72es?sslmode=verify-full&connect_timeout=7&application_name=a%20b");
        Assert.Equal(("db.example", 6543, "pictures", "user", "p@ss:word"), (address.Host, address.Port, address.Database, address.Username, address.Password));
        Assert.Equal((SslMode.VerifyFull, 7, "a b"), (address.SslMode, address.Timeout, address.ApplicationName));
        address = PostgresAddress.Parse("postgres://[::1]");
        Assert.Equal(("::1", 5432, null, null), (address.Host, address.Port, address.Database, address.Username));
    }

    [Theory]
    [InlineData("postgresql://user:hush 42@/x")]
    [InlineData("postgresql://user:hush 42@host:port/x")]
    [InlineData("postgresql://user:hush 42@host/x?colour=blue")]
    [InlineData("Username=user;Password=hush 42")]
    [InlineData("Host=host;Password=hush 42;Port=many")]
    [InlineData("Host=host;Password=hush 42;Colour=blue")]
    public void MalformedStringsAreRefusedWithoutThePassword(string connectionString) =>
        Assert.DoesNotContain("hush", Assert.ThrowsAny<ArgumentException>(() => PostgresAddress.Parse(connectionString)).ToString());
}
