using System.Text;

namespace Edge.Routing;

/// <summary>
/// A number for a name: the same in each process, and another one for each name but by chance. It hides nothing from a reader who guesses names.
/// </summary>
internal static class NameHash
{
    /// <summary>
    /// FNV-1a of the bytes (draft-eastlake-fnv), and the finish of MurmurHash3, so that names that differ little have numbers that differ much.
    /// </summary>
    internal static ulong Of(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte one in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ one) * 0x100000001B3;
        }

        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
