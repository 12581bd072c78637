package io.multisqs.testkit.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A queue: its settings, its messages, and what it remembers. Guarded by the server's lock. */
final class QueueState {

  /**
   * A receive from a FIFO queue that can be repeated.
   *
   * @param at when it was made
   * @param receipts the handles that it gave out
   */
  record Attempt(long at, List<Receipt> receipts) {}

  final String name;
  final String url;
  final String arn;
  final long createdAt;
  final Backlog backlog;
  final Deduplication deduplication = new Deduplication();
  final Map<String, Attempt> attempts = new HashMap<>();
  final Map<String, String> tags = new TreeMap<>();

  /** Signalled when something may be received that could not be before, and at the end. */
  final Condition changed;

  QueueSettings settings;
  long modifiedAt;
  @Nullable Long purgedAt;
  boolean deleted;

  QueueState(
      String name,
      String url,
      String arn,
      QueueSettings settings,
      long createdAt,
      Condition changed,
      BiConsumer<QueueState, StoredMessage> becameVisible) {
    this.name = name;
    this.url = url;
    this.arn = arn;
    this.settings = settings;
    this.createdAt = createdAt;
    this.modifiedAt = createdAt;
    this.changed = changed;
    this.backlog = new Backlog(settings.fifo(), message -> becameVisible.accept(this, message));
  }

  boolean fifo() {
    return settings.fifo();
  }
}
