package io.multisqs.benchmarks.server;

import io.multisqs.benchmarks.server.WireRequest.Entry;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What each operation does, and how its answer reads. Touched by the loop's thread only. */
final class WireActions {
  private static final String PREFIX = "AmazonSQS.";
  private static final int MAX_VISIBILITY_SECONDS = 43_200;

  /** Attributes that a queue has without being given any. */
  private static final String[][] DEFAULTS = {
    {"VisibilityTimeout", "30"},
    {"ReceiveMessageWaitTimeSeconds", "0"},
    {"DelaySeconds", "0"},
    {"MaximumMessageSize", "1048576"},
    {"MessageRetentionPeriod", "345600"},
  };

  private final WireState state;
  private final String urlPrefix;
  private final WireRequest request = new WireRequest();
  private final ReceiveAnswer received;

  WireActions(WireState state, ReceiveAnswer received, String urlPrefix) {
    this.state = state;
    this.received = received;
    this.urlPrefix = urlPrefix;
  }

  void serve(WireConnection connection, String target, byte[] data, int from, int to, long now) {
    Out body = state.body;
    body.clear();
    try {
      Action action =
          target.startsWith(PREFIX) ? Action.of(target.substring(PREFIX.length())) : null;
      if (action == null) {
        throw WireException.unsupported(target + " is not served here.");
      }
      state.count(action);
      request.read(data, from, to);
      if (action == Action.RECEIVE_MESSAGE) {
        receive(connection, now);
        return;
      }
      WireQueue fed = perform(action, body, now);
      connection.answer(200, null, now);
      if (fed != null) {
        // Only now, since the waiting receives' answers are put together in the same place.
        fed.serveWaiting(now);
      }
    } catch (WireException e) {
      refuse(connection, e, now);
    } catch (RuntimeException e) {
      refuse(connection, WireException.invalidValue(String.valueOf(e.getMessage())), now);
    }
  }

  private void refuse(WireConnection connection, WireException error, long now) {
    state.body.clear();
    state.body.ascii("{\"__type\":").quoted(error.type);
    state.body.ascii(",\"message\":").quoted(String.valueOf(error.getMessage())).ascii("}");
    connection.answer(400, error.queryCode, now);
  }

  /** Returns the queue in which a message may have become visible. */
  private @Nullable WireQueue perform(Action action, Out body, long now) {
    switch (action) {
      case CREATE_QUEUE -> {
        state.createQueue(request.queue, request.attributes);
        url(body, request.queue);
      }
      case GET_QUEUE_URL -> url(body, state.queue(request.queue).name);
      case GET_QUEUE_ATTRIBUTES -> attributes(state.queue(request.queue), body);
      case SET_QUEUE_ATTRIBUTES -> {
        state.queue(request.queue).attributes.putAll(request.attributes);
        body.ascii("{}");
      }
      case PURGE_QUEUE -> {
        state.queue(request.queue).purge(now);
        body.ascii("{}");
      }
      case SEND_MESSAGE -> {
        WireQueue queue = state.queue(request.queue);
        body.ascii("{");
        send(queue, request.entries.get(0), body, now);
        body.ascii("}");
        return queue;
      }
      case DELETE_MESSAGE -> {
        delete(state.queue(request.queue), request.entries.get(0), now);
        body.ascii("{}");
      }
      case CHANGE_MESSAGE_VISIBILITY -> {
        WireQueue queue = state.queue(request.queue);
        changeVisibility(queue, request.entries.get(0), now);
        body.ascii("{}");
        return queue;
      }
      case SEND_MESSAGE_BATCH, DELETE_MESSAGE_BATCH, CHANGE_MESSAGE_VISIBILITY_BATCH -> {
        WireQueue queue = state.queue(request.queue);
        batch(action, queue, body, now);
        return queue;
      }
      case RECEIVE_MESSAGE -> throw new IllegalStateException("served apart");
    }
    return null;
  }

  private void receive(WireConnection connection, long now) {
    WireQueue queue = state.queue(request.queue);
    int max = request.maxMessages;
    int wait =
        request.waitSeconds == WireRequest.UNSET
            ? queue.seconds("ReceiveMessageWaitTimeSeconds", 0)
            : request.waitSeconds;
    if (max < 1 || max > 10 || wait < 0 || wait > 20) {
      throw WireException.invalidValue(
          "MaxNumberOfMessages must be 1 to 10, was "
              + max
              + "; WaitTimeSeconds 0 to 20, was "
              + wait);
    }
    int seconds = request.entries.get(0).visibilitySeconds;
    long visibility =
        seconds == WireRequest.UNSET ? queue.visibilityNanos() : TimeUnit.SECONDS.toNanos(seconds);
    int wanted = ReceiveAnswer.wanted(request.attributeNames);
    if (queue.hasVisible() || wait == 0) {
      received.give(connection, queue, max, visibility, wanted, now);
    } else {
      connection.await(queue, max, visibility, wanted, now + TimeUnit.SECONDS.toNanos(wait));
    }
  }

  private void batch(Action action, WireQueue queue, Out body, long now) {
    checkBatch();
    Out failed = state.scratch;
    failed.clear();
    body.ascii("{\"Successful\":[");
    String comma = "";
    for (Entry entry : request.entries) {
      int before = body.length;
      try {
        body.ascii(comma).ascii("{\"Id\":\"").bytes(request.data, entry.idStart, entry.idEnd);
        body.ascii("\"");
        switch (action) {
          case SEND_MESSAGE_BATCH -> {
            body.ascii(",");
            send(queue, entry, body, now);
          }
          case DELETE_MESSAGE_BATCH -> delete(queue, entry, now);
          default -> changeVisibility(queue, entry, now);
        }
        body.ascii("}");
        comma = ",";
      } catch (WireException e) {
        body.length = before;
        failed.ascii(failed.length == 0 ? "" : ",").ascii("{\"Id\":\"");
        failed.bytes(request.data, entry.idStart, entry.idEnd).ascii("\",\"SenderFault\":true");
        failed.ascii(",\"Code\":").quoted(e.queryCode);
        failed.ascii(",\"Message\":").quoted(String.valueOf(e.getMessage())).ascii("}");
      }
    }
    body.ascii("],\"Failed\":[").bytes(failed.data, 0, failed.length).ascii("]}");
  }

  private void checkBatch() {
    int size = request.entries.size();
    if (size == 0) {
      throw WireException.batch("EmptyBatchRequest", "There should be at least one entry.");
    }
    if (size > 10) {
      throw WireException.batch(
          "TooManyEntriesInBatchRequest", "Maximum number of entries is 10, was " + size + ".");
    }
    byte[] data = request.data;
    for (int i = 1; i < size; i++) {
      Entry one = request.entries.get(i);
      for (int j = 0; j < i; j++) {
        Entry other = request.entries.get(j);
        if (Arrays.equals(data, one.idStart, one.idEnd, data, other.idStart, other.idEnd)) {
          throw WireException.batch("BatchEntryIdsNotDistinct", "Two entries have the same id.");
        }
      }
    }
  }

  private void send(WireQueue queue, Entry entry, Out body, long now) {
    Body text = Body.ofJson(request.data, entry.bodyStart, entry.bodyEnd, entry.bodyEscaped);
    WireMessage message = queue.add(text, now, TimeUnit.SECONDS.toNanos(entry.delaySeconds));
    body.ascii("\"MessageId\":\"");
    message.writeId(body);
    body.ascii("\",\"MD5OfMessageBody\":\"").bytes(text.md5).ascii("\"");
  }

  private void delete(WireQueue queue, Entry entry, long now) {
    WireMessage message = find(queue, entry);
    // As in AWS, an older receipt handle is accepted and has no effect.
    if (message != null && message.receives == receives(entry)) {
      queue.delete(message, now);
      state.deleted++;
    }
  }

  private void changeVisibility(WireQueue queue, Entry entry, long now) {
    int seconds = entry.visibilitySeconds;
    if (seconds < 0 || seconds > MAX_VISIBILITY_SECONDS) {
      throw WireException.invalidValue(
          "VisibilityTimeout must be 0 to " + MAX_VISIBILITY_SECONDS + ", was " + seconds + ".");
    }
    WireMessage message = find(queue, entry);
    if (message == null || !message.invisible || message.receives != receives(entry)) {
      throw WireException.notInFlight();
    }
    queue.changeVisibility(message, now, TimeUnit.SECONDS.toNanos(seconds));
  }

  private @Nullable WireMessage find(WireQueue queue, Entry entry) {
    if (entry.handleEnd - entry.handleStart != 20) {
      throw WireException.receiptHandleIsInvalid();
    }
    WireMessage message = state.messages.get(hex(entry.handleStart, 12));
    return message == null || message.queue != queue ? null : message;
  }

  private int receives(Entry entry) {
    return (int) hex(entry.handleStart + 12, 8);
  }

  private long hex(int from, int digits) {
    long value = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = Character.digit(request.data[i], 16);
      if (digit < 0) {
        throw WireException.receiptHandleIsInvalid();
      }
      value = (value << 4) | digit;
    }
    return value;
  }

  private void url(Out body, String queue) {
    body.ascii("{\"QueueUrl\":").quoted(urlPrefix + queue).ascii("}");
  }

  private void attributes(WireQueue queue, Out body) {
    boolean all = request.attributeNames.contains("All");
    body.ascii("{\"Attributes\":{");
    int before = body.length;
    attribute(body, all, before, "QueueArn", "arn:aws:sqs:us-east-1:000000000000:" + queue.name);
    attribute(body, all, before, "ApproximateNumberOfMessages", "" + queue.visible());
    attribute(body, all, before, "ApproximateNumberOfMessagesNotVisible", "" + queue.invisible());
    attribute(body, all, before, "ApproximateNumberOfMessagesDelayed", "0");
    attribute(body, all, before, "CreatedTimestamp", "" + queue.createdSeconds);
    attribute(body, all, before, "LastModifiedTimestamp", "" + queue.createdSeconds);
    for (String[] pair : DEFAULTS) {
      attribute(body, all, before, pair[0], queue.attributes.getOrDefault(pair[0], pair[1]));
    }
    queue.attributes.forEach(
        (name, value) -> {
          if (Arrays.stream(DEFAULTS).noneMatch(pair -> pair[0].equals(name))) {
            attribute(body, all, before, name, value);
          }
        });
    body.ascii("}}");
  }

  private void attribute(Out body, boolean all, int before, String name, String value) {
    if (all || request.attributeNames.contains(name)) {
      body.ascii(body.length == before ? "" : ",").quoted(name).ascii(":").quoted(value);
    }
  }
}
