namespace Replication.TestKit.Simulation.Disks;

/// <summary>What becomes of written but unsynced pages when the power goes.</summary>
public enum DiskCrashPolicy
{
    /// <summary>All of them are lost.</summary>
    LoseUnsynced,

    /// <summary>The seed keeps some pages whole, in no order, and loses the others.</summary>
    KeepSomePages,

    /// <summary>The same, and some pages keep only some of their 512-byte sectors.</summary>
    TearPages,
}
