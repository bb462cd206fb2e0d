using AkkaChat.Messages.Rooms;
using Google.Protobuf;
using Wire = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Tests.Serialization;

/// <summary>The bytes of what messages say of their files, which came after the formats around them.</summary>
public sealed class MessageFilesSpecs
{
    private const string PhotoHex =
        "0a22665f3031393066326134623563363764386539666130623163326433653466353132120ec3a974c3a920f09fa68a2e6a70671a0a696d6167652f6a706567"
        + "20d5f80228c00c30b0093a1b646174613a696d6167652f776562703b6261736536342c41414141";

    [Fact]
    public void File_ShouldHaveTheseBytes_ForEver()
    {
        Assert.Equal(PhotoHex, Convert.ToHexStringLower(RoomWire.ToWire(WireSamples.Photo).ToByteArray()));
        Assert.Equal(WireSamples.Photo, RoomWire.FromWire(Wire.File.Parser.ParseFrom(Convert.FromHexString(PhotoHex))));
    }

    [Fact]
    public void Files_ShouldBeInTheirFields_ForEver()
    {
        Assert.Equal(7, Wire.MessagePosted.FilesFieldNumber);
        Assert.Equal(9, Wire.PostMessage.FilesFieldNumber);
    }

    [Fact]
    public void LinkImage_ShouldHaveTheseBytes_ForEver()
    {
        const string CardHex = "0a0361203f120154220173" + "2a2a0a22665f3031393066326134623563363764386539666130623163326433653466353132" + "10a006189003";
        var card = new LinkCard("a ?", "T", "", "s") { Image = new LinkImage(WireSamples.Photo.Id, 800, 400, "") };

        Assert.Equal(5, Wire.LinkCard.ImageFieldNumber);
        Assert.Equal(CardHex, Convert.ToHexStringLower(RoomWire.ToWire(card).ToByteArray()));
        Assert.Equal(card, RoomWire.FromWire(Wire.LinkCard.Parser.ParseFrom(Convert.FromHexString(CardHex))));
    }

    [Theory]
    [InlineData(1600, 1200, 320, 320, 240)]
    [InlineData(1200, 1600, 320, 240, 320)]
    [InlineData(320, 320, 320, 320, 320)]
    [InlineData(100, 50, 320, 100, 50)]
    [InlineData(10_000, 1, 320, 320, 1)]
    public void Fit_ShouldKeepTheShape_AndNeverEnlarge(int width, int height, int edge, int expectedWidth, int expectedHeight) =>
        Assert.Equal((expectedWidth, expectedHeight), Thumbnails.Fit(width, height, edge));
}
