package io.multisqs.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the handlers did, message by message, and every promise that they saw broken. Guarded by
 * itself.
 */
final class Journal {
  private static final class Entry {
    boolean running;
    int starts;
    int returned;
    boolean finished;
    String messageId = "";
    int startedAgain;
    int returnedToListener;
  }

  private final int groups;
  private final Map<Integer, Entry> entries = new HashMap<>();
  private final List<String> broken = new ArrayList<>();
  private int listener;

  /** A journal; with groups, message n is of group {@code n % groups}, and 0 is for no order. */
  Journal(int groups) {
    this.groups = groups;
  }

  /** Another listener takes over. */
  synchronized void nextListener() {
    listener++;
  }

  /** A handler starts on message number n; returns how many times it started before. */
  synchronized int starts(int n, String messageId) {
    Entry entry = entries.computeIfAbsent(n, i -> new Entry());
    entry.messageId = messageId;
    if (entry.running) {
      broken.add("message " + n + " is with two handlers at once");
    }
    if (entry.returned > 0) {
      entry.startedAgain++;
      if (entry.returnedToListener == listener) {
        broken.add("message " + n + " was handled, and is handled again by the same listener");
      }
    }
    if (groups > 0 && entry.starts == 0) {
      for (int before = n - groups; before >= 0; before -= groups) {
        Entry earlier = entries.get(before);
        if (earlier == null || !earlier.finished) {
          broken.add("message " + n + " starts before " + before + " of its group is done");
        }
      }
    }
    entry.running = true;
    return entry.starts++;
  }

  /** The handler ended. */
  synchronized void ends(int n, boolean returned) {
    Entry entry = entries.get(n);
    entry.running = false;
    if (returned) {
      entry.returned++;
      entry.returnedToListener = listener;
      entry.finished = true;
    }
  }

  /** The message is on its way to the dead-letter queue. */
  synchronized void deadLetters(int n) {
    entries.get(n).finished = true;
  }

  synchronized int finished() {
    return (int) entries.values().stream().filter(e -> e.finished).count();
  }

  /** The numbers below {@code sent} on which no handler ever started. */
  synchronized Set<Integer> neverStarted(int sent) {
    TreeSet<Integer> missing = new TreeSet<>();
    for (int n = 0; n < sent; n++) {
      if (!entries.containsKey(n)) {
        missing.add(n);
      }
    }
    return missing;
  }

  /** The numbers below {@code sent} whose handler never returned and that went nowhere else. */
  synchronized Set<Integer> neverFinished(int sent) {
    TreeSet<Integer> missing = new TreeSet<>();
    for (int n = 0; n < sent; n++) {
      Entry entry = entries.get(n);
      if (entry == null || !entry.finished) {
        missing.add(n);
      }
    }
    return missing;
  }

  /** Messages that were handled and started again, to their message ids. */
  synchronized Map<Integer, String> handledAgain() {
    Map<Integer, String> again = new HashMap<>();
    entries.forEach(
        (n, entry) -> {
          if (entry.startedAgain > 0) {
            again.put(n, entry.messageId);
          }
        });
    return again;
  }

  synchronized List<String> broken() {
    return List.copyOf(broken);
  }
}
