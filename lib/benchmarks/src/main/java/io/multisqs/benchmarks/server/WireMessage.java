package io.multisqs.benchmarks.server;

import org.jspecify.annotations.Nullable;

/** One message on the server. Touched by the loop's thread only. */
final class WireMessage {
  final long sequence;
  final WireQueue queue;
  final Body body;
  final long sentMillis;
  int receives;
  long firstReceivedMillis;

  /** Deleted messages may still stand in a queue's line, where they are skipped. */
  boolean deleted;

  /**
   * True while it waits for its visibility timeout or its delay; then the three fields below are in
   * use.
   */
  boolean invisible;

  long visibleAgainAt;
  @Nullable WireMessage before;
  @Nullable WireMessage after;

  WireMessage(long sequence, WireQueue queue, Body body, long sentMillis) {
    this.sequence = sequence;
    this.queue = queue;
    this.body = body;
    this.sentMillis = sentMillis;
  }

  /** A message id is a UUID whose last twelve digits are the sequence number. */
  void writeId(Out out) {
    writeId(sequence, out);
  }

  static void writeId(long sequence, Out out) {
    out.hex((sequence * 0x9E3779B97F4A7C15L) >>> 32, 8).ascii("-0000-4000-8000-").hex(sequence, 12);
  }

  static long sequenceOf(String messageId) {
    return Long.parseLong(messageId.substring(24), 16);
  }
}
