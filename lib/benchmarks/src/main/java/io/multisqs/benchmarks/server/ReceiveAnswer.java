package io.multisqs.benchmarks.server;

import java.util.Set;

/** Hands messages out and writes how that reads. Touched by the loop's thread only. */
final class ReceiveAnswer {
  private static final int SENT = 1;
  private static final int COUNT = 2;
  private static final int FIRST = 4;

  private final WireState state;

  ReceiveAnswer(WireState state) {
    this.state = state;
  }

  /** Answers a receive with what there is. */
  void give(
      WireConnection connection,
      WireQueue queue,
      int max,
      long visibilityNanos,
      int wanted,
      long now) {
    Out body = state.body;
    body.clear();
    int count = queue.endless != null ? max : Math.min(max, queue.visible());
    if (count == 0) {
      state.emptyReceives++;
      body.ascii("{}");
    } else {
      body.ascii("{\"Messages\":[");
      for (int i = 0; i < count; i++) {
        WireMessage message = queue.take(now, visibilityNanos);
        if (message == null) {
          break;
        }
        body.ascii(i == 0 ? "{" : ",{");
        write(message, wanted, body);
        state.handedOut++;
      }
      body.ascii("]}");
    }
    connection.answer(200, null, now);
  }

  private static void write(WireMessage message, int wanted, Out body) {
    body.ascii("\"MessageId\":\"");
    message.writeId(body);
    body.ascii("\",\"ReceiptHandle\":\"").hex(message.sequence, 12).hex(message.receives, 8);
    body.ascii("\",\"MD5OfBody\":\"").bytes(message.body.md5);
    body.ascii("\",\"Body\":\"").bytes(message.body.json).ascii("\"");
    if (wanted != 0) {
      body.ascii(",\"Attributes\":{");
      String comma = "";
      if ((wanted & SENT) != 0) {
        body.ascii("\"SentTimestamp\":\"").number(message.sentMillis).ascii("\"");
        comma = ",";
      }
      if ((wanted & COUNT) != 0) {
        body.ascii(comma).ascii("\"ApproximateReceiveCount\":\"").number(message.receives);
        body.ascii("\"");
        comma = ",";
      }
      if ((wanted & FIRST) != 0) {
        body.ascii(comma).ascii("\"ApproximateFirstReceiveTimestamp\":\"");
        body.number(message.firstReceivedMillis).ascii("\"");
      }
      body.ascii("}");
    }
    body.ascii("}");
  }

  /** Which attributes these names ask for. */
  static int wanted(Set<String> names) {
    if (names.contains("All")) {
      return SENT | COUNT | FIRST;
    }
    return (names.contains("SentTimestamp") ? SENT : 0)
        | (names.contains("ApproximateReceiveCount") ? COUNT : 0)
        | (names.contains("ApproximateFirstReceiveTimestamp") ? FIRST : 0);
  }
}
