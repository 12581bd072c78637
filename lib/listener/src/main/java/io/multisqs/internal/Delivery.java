package io.multisqs.internal;

import io.multisqs.ReceivedMessage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.Message;

/** One message while it is in this process: from its receive to its delete, or until given back. */
final class Delivery implements ReceivedMessage.Control {

  /** How far it is; only ever moves down, but for a yield. */
  enum Stage {
    /** In a bus, or behind the head of its FIFO group, or parked with its paused queue. */
    WAITING,
    /** In a handler. */
    RUNNING,
    /** Handled, discarded or dead-lettered; its delete is not confirmed. */
    DELETING,
    /** Failed or released; its visibility is being changed. */
    GIVING_BACK,
    /** No longer this process's. */
    CLOSED
  }

  /** What is asked on behalf of a running handler. */
  interface Desk {
    /** Changes the visibility now, on the caller's thread. */
    void extend(Delivery delivery, Duration timeout);

    /** Whether higher work waits for a slot. */
    boolean shouldYield(Delivery delivery);

    /** Whether its lease may have run out, by the clocks as they are now. */
    boolean leaseMayHaveRunOut(Delivery delivery);
  }

  final Lane lane;

  /** As it was received; without its body once it is done with. Written under the lock. */
  volatile ReceivedMessage message;

  /** What it takes of the byte budget. Guarded by the board's lock. */
  long bytes;

  final long arrivedAt;
  private final Desk desk;

  /** The message's priority. Set before it is offered; guarded by the board's lock after. */
  int priority;

  /** Its place in the order, smaller first; {@link #sequence} breaks ties. Guarded as priority. */
  long key;

  /** The arrival number. Guarded as priority. */
  long sequence;

  /** Guarded by the board's lock. */
  Stage stage = Stage.WAITING;

  /** The newest receipt handle that SQS gave for this message; written under the lock. */
  volatile String receiptHandle;

  /** Until when others surely do not see it; written under the lock. */
  volatile Lease lease;

  /** How often SQS had handed it out with the newest receipt. Guarded by the board's lock. */
  private int receiptCount;

  /** When the receive that brought it was sent, as far as known. Guarded by the board's lock. */
  private long receiptAskedAt;

  /** Whether an extension waits to be sent. Guarded by the board's lock. */
  boolean extensionWaits;

  /** Calls of extensions that are under way. Guarded by the board's lock. */
  int extensionsOut;

  /** When a handler's own extension was last over. Guarded by the board's lock. */
  long ownExtensionOverAt;

  /** When another one is sent though those were not, or not answered. Guarded by board's lock. */
  long extendAgainAt;

  /**
   * What it will have come to once its delete or give-back is done. Guarded by the board's lock.
   */
  Outcome outcome = Outcome.HANDLED;

  /** Whether its delete or give-back was handed over, for good: what took it loses none. */
  private volatile boolean handedOver;

  /** Whether {@link Strays} found it once that it was not. Guarded by the board's lock. */
  boolean seenUnhanded;

  /** Whether it waits in front, not behind its FIFO group's head. Guarded by the board's lock. */
  boolean inFront;

  /** Whether it yielded last though nothing was to go before it. Guarded by the board's lock. */
  boolean yieldedInVain;

  /** Whether its priority is its own and not its queue's. Set before it is offered. */
  boolean ownPriority;

  /**
   * How many of its queue waited before it when it arrived; -1 if that tells nothing of the pace.
   */
  int ahead = -1;

  /**
   * Whether its handler called {@code System.exit}, which returns to nobody. Guarded by the board's
   * lock.
   */
  boolean endsTheJvm;

  /** When its handler started. Guarded by the board's lock. */
  long startedAt;

  /** Its handler's call; null while there is none. Written by the thread that makes it. */
  private volatile @Nullable HandlerCall handlerCall;

  /** Whether users were told that its lease is lost. Guarded by the board's lock. */
  boolean leaseLossTold;

  private volatile boolean leaseLost;

  Delivery(Lane lane, Message message, Lease lease, long arrivedAt, Desk desk) {
    this.lane = lane;
    this.message = ReceivedMessage.of(lane.name(), message, this);
    this.bytes = size(message);
    this.receiptHandle = message.receiptHandle();
    this.lease = lease;
    this.receiptCount = this.message.receiveCount();
    this.receiptAskedAt = lease.askedAt();
    this.arrivedAt = arrivedAt;
    this.ownExtensionOverAt = arrivedAt;
    this.desk = desk;
  }

  /** An estimate: SQS counts UTF-8, the heap Latin-1 or UTF-16; the body's length is between. */
  private static long size(Message message) {
    long size = message.body() == null ? 0 : message.body().length();
    for (var attribute : message.messageAttributes().entrySet()) {
      size += attribute.getKey().length();
      String text = attribute.getValue().stringValue();
      size += text == null ? 0 : text.length();
      var binary = attribute.getValue().binaryValue();
      size += binary == null ? 0 : binary.asByteArrayUnsafe().length;
    }
    return size;
  }

  /**
   * Another receive brought it as well: takes over receipt and lease of the later of the two. Of
   * answers that overtook each other on the way SQS's own count tells which it gave later; where it
   * counts alike, when they were asked for. Under the board's lock.
   */
  void receivedAgain(Delivery other) {
    int later = Integer.compare(other.receiptCount, receiptCount);
    if (later < 0 || (later == 0 && other.receiptAskedAt - receiptAskedAt < 0)) {
      return;
    }
    receiptCount = other.receiptCount;
    receiptAskedAt = other.receiptAskedAt;
    receiptHandle = other.receiptHandle;
    lease = other.lease;
  }

  /**
   * It is done with, and awaits its delete, for which its receipt is enough: lets its body and its
   * message attributes go, and counts by the receipt from here on. Under the board's lock, and
   * before its bytes are taken of the budget again.
   */
  void letBodyGo() {
    try {
      Message whole = message.sdkMessage();
      Message rest =
          Message.builder()
              .messageId(whole.messageId())
              .receiptHandle(whole.receiptHandle())
              .attributesWithStrings(whole.attributesAsStrings())
              .body("") // which no message of SQS has
              .build();
      message = ReceivedMessage.of(lane.name(), rest, this);
      bytes = receiptHandle.length();
    } catch (OutOfMemoryError e) {
      // It keeps what it has, and counts for it.
    }
  }

  String id() {
    return message.id();
  }

  @Nullable String group() {
    return lane.isFifo() ? message.group().orElse(null) : null;
  }

  /** Its delete or give-back was handed over. */
  void handOver() {
    handedOver = true;
  }

  boolean handedOver() {
    return handedOver;
  }

  /** Its handler is about to be called, on this thread. */
  HandlerCall handlerStarts() {
    HandlerCall call = new HandlerCall(this);
    handlerCall = call;
    return call;
  }

  void handlerEnded() {
    handlerCall = null;
  }

  /** Its handler's call; null while there is none. */
  @Nullable HandlerCall handlerCall() {
    return handlerCall;
  }

  void loseLease() {
    leaseLost = true;
  }

  @Override
  public void extendVisibility(Duration timeout) {
    desk.extend(this, timeout);
  }

  @Override
  public boolean shouldYield() {
    return desk.shouldYield(this);
  }

  @Override
  public boolean isLeaseLost() {
    if (!leaseLost && desk.leaseMayHaveRunOut(this)) {
      leaseLost = true; // and stays so, even if an extension proves to have been in time
    }
    return leaseLost;
  }

  /** Whether its handler was told that its lease is lost. */
  boolean isLeaseLostToItsHandler() {
    return leaseLost;
  }

  @Override
  public String toString() {
    return message + " (" + stage + ")";
  }
}
