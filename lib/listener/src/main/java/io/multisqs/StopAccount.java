package io.multisqs;

import java.time.Duration;
import java.util.List;

/**
 * The account of a listener that stopped: every message that was received since its start is in
 * exactly one of the numbers, or named as abandoned.
 *
 * @param received messages received, each receive of a message counted
 * @param duplicates received again while this process still had them, and taken together with the
 *     first, or deleted as they had been handled
 * @param handled the handler returned, and SQS confirmed the delete in time
 * @param retried the handler threw, and the message was given back for a retry
 * @param discarded the handler threw, and the message was deleted, as the retry policy said
 * @param deadLettered the handler threw, and the message was sent to the dead-letter queue
 * @param released given back without having been started
 * @param leaseLost dropped without having been started, since its lease ran out
 * @param unconfirmed the handler returned, but SQS never confirmed the delete, or did so when the
 *     visibility timeout may have run out, where it says yes to an outdated receipt as well: these
 *     may come back, to whoever receives them, and need not
 * @param abandoned what was not finished by the deadline, each with its reason
 * @param abandonedReceives receives that were still outstanding at the deadline; messages that they
 *     may have brought stay invisible until the visibility timeout runs out
 * @param elapsed how long the stop took
 * @param complete false if the account was asked for from within a handler, or before the start
 */
public record StopAccount(
    long received,
    long duplicates,
    long handled,
    long retried,
    long discarded,
    long deadLettered,
    long released,
    long leaseLost,
    long unconfirmed,
    List<Abandoned> abandoned,
    int abandonedReceives,
    Duration elapsed,
    boolean complete) {

  /**
   * Copies the list.
   *
   * @param received see above
   * @param duplicates see above
   * @param handled see above
   * @param retried see above
   * @param discarded see above
   * @param deadLettered see above
   * @param released see above
   * @param leaseLost see above
   * @param unconfirmed see above
   * @param abandoned see above
   * @param abandonedReceives see above
   * @param elapsed see above
   * @param complete see above
   */
  public StopAccount {
    abandoned = List.copyOf(abandoned);
  }

  /**
   * A message that was not finished by the deadline.
   *
   * @param queue its queue
   * @param messageId its id
   * @param reason what was still missing
   */
  public record Abandoned(String queue, String messageId, String reason) {}

  /**
   * Whether every message received is accounted for.
   *
   * @return true if the parts add up to {@link #received}
   */
  public boolean addsUp() {
    return received
        == duplicates
            + handled
            + retried
            + discarded
            + deadLettered
            + released
            + leaseLost
            + unconfirmed
            + abandoned.size();
  }

  @Override
  public String toString() {
    return "received "
        + received
        + ": handled "
        + handled
        + ", retried "
        + retried
        + ", released "
        + released
        + ", discarded "
        + discarded
        + ", dead-lettered "
        + deadLettered
        + ", duplicates "
        + duplicates
        + ", lease lost "
        + leaseLost
        + ", unconfirmed "
        + unconfirmed
        + ", abandoned "
        + abandoned.size()
        + " (and "
        + abandonedReceives
        + " receives); took "
        + elapsed.toMillis()
        + " ms"
        + (abandoned.isEmpty() ? "" : "; abandoned: " + abandoned);
  }
}
