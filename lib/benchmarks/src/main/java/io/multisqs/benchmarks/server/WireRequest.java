package io.multisqs.benchmarks.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The members of a request that matter here; used again for each request. */
final class WireRequest {
  static final int UNSET = -1;

  String queue = "";
  int maxMessages;
  int waitSeconds;
  final Set<String> attributeNames = new LinkedHashSet<>();
  final Map<String, String> attributes = new LinkedHashMap<>();

  /** The entries of a batch; of a single operation, its one entry. */
  final List<Entry> entries = new ArrayList<>();

  byte[] data = new byte[0];

  private final JsonScanner json = new JsonScanner();

  /** Slices of {@link #data}. */
  static final class Entry {
    int idStart;
    int idEnd;
    int handleStart;
    int handleEnd;
    int bodyStart;
    int bodyEnd;
    boolean bodyEscaped;
    int visibilitySeconds = UNSET;
    int delaySeconds;
  }

  /**
   * Reads a request's body. What it holds is valid until the next call, or until the bytes change.
   */
  void read(byte[] bytes, int from, int to) {
    data = bytes;
    queue = "";
    maxMessages = 1;
    waitSeconds = UNSET;
    attributeNames.clear();
    attributes.clear();
    entries.clear();
    Entry single = new Entry();
    json.over(bytes, from, to);
    boolean batch = false;
    json.enter('{');
    while (json.more('}')) {
      String name = json.name();
      switch (name) {
        case "QueueUrl", "QueueName" -> queue = lastSegment();
        case "MaxNumberOfMessages" -> maxMessages = json.number();
        case "WaitTimeSeconds" -> waitSeconds = json.number();
        case "AttributeNames", "MessageSystemAttributeNames" -> readNames();
        case "Attributes" -> readAttributes();
        case "Entries" -> {
          batch = true;
          readEntries();
        }
        default -> readMember(single, name);
      }
    }
    if (!batch) {
      entries.add(single);
    }
  }

  private void readEntries() {
    json.enter('[');
    while (json.more(']')) {
      Entry entry = new Entry();
      json.enter('{');
      while (json.more('}')) {
        readMember(entry, json.name());
      }
      entries.add(entry);
    }
  }

  private void readMember(Entry entry, String name) {
    switch (name) {
      case "Id" -> {
        json.slice();
        entry.idStart = json.start;
        entry.idEnd = json.stop;
      }
      case "ReceiptHandle" -> {
        json.slice();
        entry.handleStart = json.start;
        entry.handleEnd = json.stop;
      }
      case "MessageBody" -> {
        entry.bodyEscaped = json.slice();
        entry.bodyStart = json.start;
        entry.bodyEnd = json.stop;
      }
      case "VisibilityTimeout" -> entry.visibilitySeconds = json.number();
      case "DelaySeconds" -> entry.delaySeconds = json.number();
      case "MessageAttributes" -> {
        json.enter('{');
        if (json.more('}')) {
          throw WireException.unsupported("Message attributes are not served here.");
        }
      }
      default -> json.skip();
    }
  }

  private void readNames() {
    json.enter('[');
    while (json.more(']')) {
      attributeNames.add(json.text());
    }
  }

  private void readAttributes() {
    json.enter('{');
    while (json.more('}')) {
      attributes.put(json.name(), json.text());
    }
  }

  private String lastSegment() {
    json.slice();
    int start = json.stop;
    while (start > json.start && data[start - 1] != '/') {
      start--;
    }
    return new String(data, start, json.stop - start, StandardCharsets.UTF_8);
  }
}
