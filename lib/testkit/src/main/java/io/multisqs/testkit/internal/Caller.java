package io.multisqs.testkit.internal;

import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;

/**
 * The way of one call: it is written down, meets its fault, has its effect under the server's lock,
 * and is answered outside of it.
 */
public final class Caller {

  private record Begun(@Nullable Fault fault, CallLog.Entry entry) {}

  private final Server server;

  public Caller(Server server) {
    this.server = server;
  }

  public <T> T call(
      Operation operation,
      String queue,
      int asked,
      long bytes,
      Function<@Nullable Fault, Answer<T>> effect) {
    Begun begun = server.locked(() -> begin(operation, queue, asked, bytes));
    try {
      Answer<T> answer = meet(begun.fault, effect);
      end(begun, answer.count(), answer.bytes(), null);
      return answer.response();
    } catch (RuntimeException e) {
      end(begun, 0, 0, codeOf(e));
      throw e;
    }
  }

  private Begun begin(Operation operation, String queue, int asked, long bytes) {
    server.ensureOpen();
    return new Begun(
        server.faults.take(operation, queue, each -> canStrike(each, queue)),
        server.calls.begin(operation, queue, now(), asked, bytes));
  }

  private <T> Answer<T> meet(@Nullable Fault fault, Function<@Nullable Fault, Answer<T>> effect) {
    if (fault == null) {
      return server.locked(() -> effect.apply(null));
    }
    if (fault.kind() == Fault.Kind.REFUSED) {
      pause(fault.delay());
      throw fault.exception();
    }
    Answer<T> answer = server.locked(() -> effect.apply(fault));
    pause(fault.delay());
    if (fault.kind() == Fault.Kind.ANSWER_LOST) {
      throw fault.exception();
    }
    return answer;
  }

  private boolean canStrike(Fault fault, String queue) {
    QueueState state = server.named(queue);
    return fault.kind() != Fault.Kind.DELIVERED_AGAIN
        || (state != null && state.backlog.inFlight() > 0);
  }

  private void end(Begun begun, int answered, long bytes, @Nullable String error) {
    server.locked(
        () -> {
          server.calls.end(begun.entry, now(), answered, bytes, error);
          return begun;
        });
  }

  /** Keeps the caller waiting, with no lock that anybody else wants. */
  private void pause(Duration delay) {
    if (delay.isZero()) {
      return;
    }
    ReentrantLock own = new ReentrantLock();
    Condition never = own.newCondition();
    long deadline = server.time.nanoTime() + delay.toNanos();
    own.lock();
    try {
      long left = delay.toNanos();
      while (left > 0) {
        server.time.await(own, never, left);
        left = deadline - server.time.nanoTime();
      }
    } catch (InterruptedException e) {
      throw aborted(e);
    } finally {
      own.unlock();
    }
  }

  /** What the SDK makes of an interrupt: it keeps the flag. */
  static AbortedException aborted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return AbortedException.create("Thread was interrupted", e);
  }

  private Instant now() {
    return server.time.at(server.time.nanoTime());
  }

  private static String codeOf(RuntimeException e) {
    return e instanceof AwsServiceException service && service.awsErrorDetails() != null
        ? service.awsErrorDetails().errorCode()
        : e.getClass().getSimpleName();
  }
}
