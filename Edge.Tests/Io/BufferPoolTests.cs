using Edge.Io;

namespace Edge.Tests.Io;

public sealed unsafe class BufferPoolTests : IDisposable
{
    private readonly BufferPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(0, BufferPool.SmallestBytes)]
    [InlineData(1, BufferPool.SmallestBytes)]
    [InlineData(BufferPool.SmallestBytes, BufferPool.SmallestBytes)]
    [InlineData(2048, 2048)]
    [InlineData(2049, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(65_537, 131_072)]
    [InlineData(BufferPool.LargestBytes - 1, BufferPool.LargestBytes)]
    [InlineData(BufferPool.LargestBytes, BufferPool.LargestBytes)]
    public void A_buffer_has_the_next_power_of_two(int asked, int capacity)
    {
        NativeBuffer buffer = _pool.Rent(asked);
        Assert.False(buffer.IsEmpty);
        Assert.Equal(capacity, buffer.Capacity);
        buffer.Span.Fill(7);
        _pool.Return(ref buffer);
    }

    [Fact]
    public void More_than_the_largest_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Rent(BufferPool.LargestBytes + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Rent(int.MaxValue));
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void The_last_returned_is_the_first_to_go_out_again()
    {
        NativeBuffer a = _pool.Rent(100), b = _pool.Rent(100), other = _pool.Rent(5000);
        byte* first = a.Pointer;
        byte* second = b.Pointer;
        byte* larger = other.Pointer;
        _pool.Return(ref a);
        _pool.Return(ref b);
        _pool.Return(ref other);
        a = _pool.Rent(200);
        b = _pool.Rent(1);
        Assert.True(a.Pointer == second && b.Pointer == first);
        other = _pool.Rent(8192);
        Assert.True(other.Pointer == larger);
        _pool.Return(ref a);
        _pool.Return(ref b);
        _pool.Return(ref other);
    }

    [Fact]
    public void Returning_clears_the_reference_and_none_may_be_returned()
    {
        NativeBuffer none = default;
        Assert.True(none.IsEmpty);
        _pool.Return(ref none);
        Assert.Equal(0, _pool.Outstanding);
        NativeBuffer buffer = _pool.Rent(1), another = _pool.Rent(1);
        Assert.Equal(2, _pool.Outstanding);
        _pool.Return(ref buffer);
        Assert.True(buffer.IsEmpty);
        Assert.Equal(1, _pool.Outstanding);
        _pool.Return(ref buffer);
        Assert.Equal(1, _pool.Outstanding);
        _pool.Return(ref another);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void No_two_loans_overlap()
    {
        // Each loan is filled with a mark of its own, which must still be there when it comes back.
        var random = new Random(4);
        var loans = new List<(NativeBuffer Buffer, byte Mark)>();
        for (int turn = 0; turn < 3000; turn++)
        {
            if (loans.Count < 40 && random.Next(2) == 0)
            {
                NativeBuffer buffer = _pool.Rent(random.Next(1, 1 << random.Next(1, 17)));
                buffer.Span.Fill((byte)turn);
                loans.Add((buffer, (byte)turn));
            }
            else if (loans.Count > 0)
            {
                int which = random.Next(loans.Count);
                (NativeBuffer buffer, byte mark) = loans[which];
                loans.RemoveAt(which);
                Assert.False(buffer.Span.ContainsAnyExcept(mark));
                _pool.Return(ref buffer);
            }

            Assert.Equal(loans.Count, _pool.Outstanding);
        }

        for (int i = 0; i < loans.Count; i++)
        {
            NativeBuffer buffer = loans[i].Buffer;
            _pool.Return(ref buffer);
        }
    }

    [Fact]
    public void Bytes_that_wait_are_kept_replaced_and_dropped()
    {
        var pending = new PendingBytes();
        byte[] target = new byte[6000];
        Assert.Equal(0, pending.CopyTo(target));
        Assert.Equal(0, _pool.Outstanding);

        foreach (int length in new[] { 1, 2048, 2049, 6000, 10, 0, 3 })
        {
            byte[] bytes = new byte[length];
            new Random(length).NextBytes(bytes);
            pending.Keep(_pool, bytes);

            Assert.Equal(length, pending.Length);
            Assert.Equal(length, pending.CopyTo(target));
            Assert.Equal(bytes, target[..length]);
            Assert.Equal(length == 0 ? 0 : 1, _pool.Outstanding);
        }

        pending.Drop(_pool);
        Assert.Equal(0, pending.Length);
        Assert.Equal(0, _pool.Outstanding);
        pending.Drop(_pool);
        Assert.Equal(0, _pool.Outstanding);
    }
}
