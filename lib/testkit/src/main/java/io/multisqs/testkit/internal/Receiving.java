package io.multisqs.testkit.internal;

import io.multisqs.testkit.Fault;
import io.multisqs.testkit.MessageEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/** Hands out messages. Called with the server's lock held, which a long poll gives up. */
public final class Receiving {

  private final Server server;

  public Receiving(Server server) {
    this.server = server;
  }

  public Answer<ReceiveMessageResponse> receive(
      ReceiveMessageRequest request, @Nullable Fault fault) {
    QueueState queue = server.at(request.queueUrl());
    Limits.within(
        "MaxNumberOfMessages", request.maxNumberOfMessages(), 1, Limits.RECEIVE_MESSAGES, 1);
    int wait =
        Limits.within(
            "WaitTimeSeconds",
            request.waitTimeSeconds(),
            0,
            Limits.WAIT_SECONDS,
            queue.settings.waitSeconds());
    Limits.within(
        "VisibilityTimeout", request.visibilityTimeout(), 0, Limits.VISIBILITY_SECONDS, 0);
    checkAttempt(queue, request.receiveRequestAttemptId());
    List<StoredMessage> repeated = Attempts.repeat(queue, request, now());
    if (!repeated.isEmpty()) {
      long until = now() + visibility(queue, request);
      repeated.forEach(message -> server.fly(queue, message, until));
      return answer(queue, repeated, request);
    }
    return answer(queue, poll(queue, request, wait, fault), request);
  }

  private List<StoredMessage> poll(
      QueueState queue, ReceiveMessageRequest request, int wait, @Nullable Fault fault) {
    long deadline = now() + QueueSettings.nanos(wait);
    while (true) {
      long now = now();
      queue.backlog.promote(now);
      List<StoredMessage> picked = pick(queue, request, fault);
      picked.forEach(message -> deliver(queue, message, visibility(queue, request), now));
      if (!picked.isEmpty() || now >= deadline) {
        Attempts.remember(queue, request, picked, now);
        return picked;
      }
      try {
        long until = Math.min(deadline, queue.backlog.nextVisibleAt());
        server.time.await(server.lock, queue.changed, until - now);
      } catch (InterruptedException e) {
        throw Caller.aborted(e);
      }
      server.ensureOpen();
      if (queue.deleted) {
        throw SqsErrors.queueDoesNotExist();
      }
    }
  }

  private List<StoredMessage> pick(
      QueueState queue, ReceiveMessageRequest request, @Nullable Fault fault) {
    Integer asked = request.maxNumberOfMessages();
    int max = asked == null ? 1 : asked;
    List<StoredMessage> picked = new ArrayList<>();
    if (fault != null) {
      queue.backlog.all().stream()
          .filter(message -> message.inFlight)
          .sorted(Comparator.comparingLong(message -> message.receipt))
          .limit(Math.min(max, fault.count()))
          .forEach(picked::add);
    }
    int room = Limits.IN_FLIGHT - queue.backlog.inFlight();
    if (room <= 0 && !queue.fifo()) {
      throw SqsErrors.overLimit(Limits.IN_FLIGHT);
    }
    int more = Math.min(room, max - picked.size());
    if (more > 0) {
      picked.addAll(queue.backlog.take(more, message -> deadLettered(queue, message)));
    }
    return picked;
  }

  /** Moves a message that was received too often, if there is a queue to move it to. */
  private boolean deadLettered(QueueState queue, StoredMessage message) {
    QueueSettings.Redrive redrive = queue.settings.redrive();
    if (redrive == null || message.receiveCount < redrive.maxReceiveCount()) {
      return false;
    }
    QueueState target = server.withArn(redrive.targetArn());
    if (target == null) {
      return false;
    }
    server.move(message, queue, target, true);
    return true;
  }

  private void deliver(QueueState queue, StoredMessage message, long visibility, long now) {
    message.receiveCount++;
    if (message.receiveCount == 1) {
      message.firstReceivedAt = now;
    }
    message.receivedAt = now;
    message.receipt = server.nextNumber();
    server.record(MessageEvent.Kind.RECEIVED, queue, message, now);
    server.fly(queue, message, now + visibility);
  }

  private static long visibility(QueueState queue, ReceiveMessageRequest request) {
    Integer seconds = request.visibilityTimeout();
    return QueueSettings.nanos(seconds == null ? queue.settings.visibilitySeconds() : seconds);
  }

  private static void checkAttempt(QueueState queue, @Nullable String attemptId) {
    Limits.checkToken("ReceiveRequestAttemptId", attemptId);
    if (attemptId != null && !queue.fifo()) {
      throw SqsErrors.invalidParameter(
          "The request include parameter ReceiveRequestAttemptId which is not valid for this queue"
              + " type");
    }
  }

  private Answer<ReceiveMessageResponse> answer(
      QueueState queue, List<StoredMessage> messages, ReceiveMessageRequest request) {
    ReceiveMessageResponse.Builder response = ReceiveMessageResponse.builder();
    // The SDK tells an absent list from an empty one, and SQS sends none.
    if (!messages.isEmpty()) {
      Outgoing outgoing = new Outgoing(server.time, queue, request);
      response.messages(messages.stream().map(outgoing::message).toList());
    }
    long bytes = messages.stream().mapToLong(StoredMessage::bytes).sum();
    return new Answer<>(response.build(), messages.size(), bytes);
  }

  private long now() {
    return server.time.nanoTime();
  }
}
