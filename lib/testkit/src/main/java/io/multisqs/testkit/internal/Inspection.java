package io.multisqs.testkit.internal;

import io.multisqs.testkit.Call;
import io.multisqs.testkit.Faults;
import io.multisqs.testkit.MessageEvent;
import io.multisqs.testkit.QueuedMessage;
import io.multisqs.testkit.QueuedMessage.State;
import java.util.List;
import java.util.function.ToIntFunction;

/** Looks into queues without touching them. Takes the server's lock by itself. */
public final class Inspection {

  private final Server server;

  public Inspection(Server server) {
    this.server = server;
  }

  public int visible(String name) {
    return count(name, Backlog::visibleCount);
  }

  public int inFlight(String name) {
    return count(name, Backlog::inFlight);
  }

  public int delayed(String name) {
    return count(name, Backlog::delayedCount);
  }

  public Faults faults() {
    return server.faults;
  }

  public List<Call> calls() {
    return server.locked(server.calls::calls);
  }

  public List<MessageEvent> events() {
    return server.locked(server::events);
  }

  public void forget() {
    server.locked(
        () -> {
          server.calls.clear();
          server.forgetEvents();
          return server;
        });
  }

  public String arn(String name) {
    return server.locked(() -> queue(name).arn);
  }

  public String url(String name) {
    return server.locked(() -> queue(name).url);
  }

  public void close() {
    server.locked(
        () -> {
          server.close();
          return server;
        });
  }

  public List<QueuedMessage> messages(String name) {
    return server.locked(
        () -> {
          QueueState queue = queue(name);
          return queue.backlog.all().stream().map(message -> view(queue, message)).toList();
        });
  }

  private int count(String name, ToIntFunction<Backlog> count) {
    return server.locked(() -> count.applyAsInt(queue(name).backlog));
  }

  private QueueState queue(String name) {
    QueueState queue = server.named(name);
    if (queue == null) {
      throw new IllegalArgumentException("there is no queue named " + name);
    }
    return queue;
  }

  private QueuedMessage view(QueueState queue, StoredMessage message) {
    State hidden = message.inFlight ? State.IN_FLIGHT : State.DELAYED;
    return new QueuedMessage(
        message.id,
        message.body,
        message.visibleAt <= server.time.nanoTime() ? State.VISIBLE : hidden,
        message.receiveCount,
        server.time.at(message.sentAt),
        server.time.at(message.visibleAt),
        message.groupId,
        queue.fifo() ? message.sequenceNumber() : null);
  }
}
