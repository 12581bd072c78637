package io.multisqs.testkit.internal;

import io.multisqs.testkit.Call;
import io.multisqs.testkit.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The calls that were made, in the order of their beginning. Guarded by the server's lock. */
final class CallLog {

  /** One call under way; its place in the log, which changes when it ends. */
  static final class Entry {
    private Call call;

    private Entry(Call call) {
      this.call = call;
    }
  }

  private final List<Entry> entries = new ArrayList<>();

  Entry begin(Operation operation, String queue, Instant now, int asked, long bytes) {
    Entry entry = new Entry(new Call(operation, queue, now, null, asked, 0, bytes, null));
    entries.add(entry);
    return entry;
  }

  void end(Entry entry, Instant now, int answered, long bytes, @Nullable String error) {
    Call call = entry.call;
    entry.call =
        new Call(
            call.operation(),
            call.queue(),
            call.startedAt(),
            now,
            call.asked(),
            answered,
            call.bytes() + bytes,
            error);
  }

  List<Call> calls() {
    return entries.stream().map(entry -> entry.call).toList();
  }

  void clear() {
    entries.clear();
  }
}
