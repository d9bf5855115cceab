using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Replication.Cluster.Embedded;
using Replication.TestKit.Simulation;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>
/// The embedded store against the simulated one, which is a second, simpler implementation.
/// </summary>
public sealed class EmbeddedStorePropertyTests
{
    [Fact]
    public void Any_history_with_reopenings_and_compactions_goes_as_in_the_simulated_store() =>
        Prop.ForAll(
            Gen.Choose(0, 9999).ListOf().ToArbitrary(),
            numbers => Agrees(numbers).GetAwaiter().GetResult())
            .QuickCheckThrowOnFailure();

    private static async Task<bool> Agrees(IEnumerable<int> numbers)
    {
        var options = new EmbeddedStoreOptions { GarbageLengthMaxBytes = 60 };
        var model = new SimulatedStore(static step => step());
        var folder = new FaultyFolder();
        EmbeddedStore store = EmbeddedStore.Open(folder, options);
        foreach (int number in numbers)
        {
            string key = $"k{number % 3}";
            long revision = number / 3 % 4 == 0 ? 1 : (await model.GetAsync(key))?.Revision ?? 0;
            switch (number / 12 % 5)
            {
                case 0:
                    store.Dispose();
                    folder = folder.AfterCrash(namesAsSynced: true, bytesAsSynced: true);
                    store = EmbeddedStore.Open(folder, options);
                    break;
                case 1 when revision > 0:
                    Assert.Equal(
                        await model.DeleteAsync(key, revision),
                        await store.DeleteAsync(key, revision));
                    break;
                default:
                    byte[] value = Encoding.ASCII.GetBytes($"{number}");
                    Assert.Equal(
                        await model.CompareAndSetAsync(key, revision, value),
                        await store.CompareAndSetAsync(key, revision, value));
                    break;
            }

            Assert.Equal(await model.ListAsync("k"), await store.ListAsync("k"));
        }

        store.Dispose();
        return true;
    }
}
