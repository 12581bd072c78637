package io.multisqs.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every fault that was made, counted by kind, and which messages it touched. Thread-safe. */
final class FaultLedger {
  private static final Pattern RECEIPT = Pattern.compile("\"ReceiptHandle\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern ID = Pattern.compile("\"MessageId\"\\s*:\\s*\"([^\"]+)\"");

  private final Map<FaultKind, Long> counts = new EnumMap<>(FaultKind.class); // guarded by this
  private final Map<String, List<String>> byMessage = new ConcurrentHashMap<>();
  private final Map<String, String> messageOfReceipt = new ConcurrentHashMap<>();

  /** Learns from a receive's answer, before it is broken, whose receipts are whose. */
  void learn(String answer) {
    // One message after the other; which of the two fields comes first is the server's choice.
    List<String> ids = all(ID, answer);
    List<String> receipts = all(RECEIPT, answer);
    for (int i = 0; i < Math.min(ids.size(), receipts.size()); i++) {
      messageOfReceipt.put(receipts.get(i), ids.get(i));
    }
  }

  /** Notes a fault on a call: the messages that its request, or its answer, speaks of. */
  void note(FaultKind kind, String action, String request, String answer) {
    synchronized (this) {
      counts.merge(kind, 1L, Long::sum);
    }
    String what = kind + " on " + action;
    List<String> touched = new ArrayList<>(all(ID, answer));
    for (String receipt : all(RECEIPT, request)) {
      touched.add(messageOfReceipt.getOrDefault(receipt, "unknown"));
    }
    for (String id : touched) {
      byMessage
          .computeIfAbsent(id, i -> java.util.Collections.synchronizedList(new ArrayList<>()))
          .add(what);
    }
  }

  /** What happened to a message's receives, deletes and lease calls. */
  List<String> touching(String messageId) {
    List<String> faults = byMessage.getOrDefault(messageId, List.of());
    synchronized (faults) {
      return List.copyOf(faults);
    }
  }

  /** Those of them that can make a message be handled again: an answer that is late cannot. */
  List<String> explaining(String messageId) {
    return touching(messageId).stream()
        .filter(fault -> !fault.startsWith(FaultKind.LATENCY.name()))
        .toList();
  }

  synchronized Map<FaultKind, Long> counts() {
    return new EnumMap<>(counts);
  }

  private static List<String> all(Pattern pattern, String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
