namespace Replication.Gateway.Exports;

/// <summary>Somebody who serves an export and is to stop when it goes.</summary>
public interface IExportUser
{
    /// <summary>
    /// The export is gone: answer no further request from it. Called once at most, on the thread that removed
    /// it; must return quickly.
    /// </summary>
    void OnExportWithdrawn(string reason);
}
