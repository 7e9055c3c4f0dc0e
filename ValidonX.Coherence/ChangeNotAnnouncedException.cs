namespace ValidonX.Coherence;

/// <summary>
/// A change is committed and could not be announced for as long as a lease lasts, because Redis does not answer this process: other replicas
/// may still act on the old value. The process goes on trying; announcing the change again is safe and tells whether it worked.
/// </summary>
public sealed class ChangeNotAnnouncedException() : Exception("A committed change could not be announced to every replica.");
