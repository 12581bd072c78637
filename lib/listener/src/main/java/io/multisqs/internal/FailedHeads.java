package io.multisqs.internal;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The groups of one FIFO queue whose head failed with others behind it, which were given back as
 * they would have overtaken it. Until SQS brings the head again it must not bring those others with
 * it: they could only be given back once more, and each receive takes them nearer to the
 * dead-letter queue (I8, I12). Hence a receive that may bring a failed head asks for one message,
 * and no head returns while a receive for more still stands. Guarded by the board's lock.
 */
final class FailedHeads {
  /** A head that is not seen for so long after its return is with another consumer, or gone. */
  private static final long MISSED = 60_000_000_000L;

  /** More are not remembered: a queue where so many fail at once has other troubles. */
  private static final int MOST = 1_000;

  private static final class Group {
    /** When its head is visible again, at the earliest. */
    long backAt;

    /** Whether nothing of the group was received since its head failed. */
    boolean away;
  }

  private final FifoGroups here;

  /** By group id; the one that failed last comes last. */
  private final LinkedHashMap<String, Group> groups = new LinkedHashMap<>();

  /** Receives for more than one message that are under way. */
  private final List<Grant> wide = new ArrayList<>();

  FailedHeads(FifoGroups here) {
    this.here = here;
  }

  /** A receive goes out. */
  void asked(Grant grant) {
    if (grant.messages > 1) {
      wide.add(grant);
    }
  }

  /** It was answered, or failed. */
  void answered(Grant grant) {
    wide.remove(grant);
  }

  /** When the last of the receives for more than one message will have been answered by SQS. */
  private long wideReceivesStandUntil(long now) {
    long until = now;
    for (Grant grant : wide) {
      long end = grant.askedAt + grant.standsFor.toNanos();
      until = end - until > 0 ? end : until;
    }
    return until;
  }

  /**
   * A head failed, and is to be visible again at some time.
   *
   * @param behind how many of its group were given back because of that
   * @return when it may be, if that is later
   */
  long failed(String group, int behind, long backAt, long now) {
    Group failed = groups.remove(group);
    if (failed == null && behind == 0) {
      return backAt; // As far as is known it is alone.
    }
    long standing = wideReceivesStandUntil(now);
    failed = failed == null ? new Group() : failed;
    failed.backAt = standing - backAt > 0 ? standing : backAt;
    failed.away = true;
    groups.put(group, failed);
    if (groups.size() > MOST) {
      groups.remove(groups.keySet().iterator().next());
    }
    return failed.backAt;
  }

  /** SQS brought a message of this group: the head, or if that is gone the one after it. */
  void arrived(String group) {
    Group failed = groups.get(group);
    if (failed != null) {
      failed.away = false;
    }
  }

  /** Its head was done with. */
  void settled(String group) {
    groups.remove(group);
  }

  /** Whether a receive that is answered by then may bring a head that failed. */
  boolean mayComeBy(long time, long now) {
    boolean may = false;
    Iterator<Map.Entry<String, Group>> each = groups.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<String, Group> entry = each.next();
      Group failed = entry.getValue();
      if (now - failed.backAt >= MISSED && !here.has(entry.getKey())) {
        each.remove();
      } else {
        may |= failed.away && time - failed.backAt >= 0;
      }
    }
    return may;
  }
}
