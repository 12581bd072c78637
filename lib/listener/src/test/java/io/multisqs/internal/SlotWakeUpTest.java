package io.multisqs.internal;

import static org.awaitility.Awaitility.await;

import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A slot's real thread that waits on the board. */
class SlotWakeUpTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(1));
  private final AtomicBoolean woken = new AtomicBoolean();
  private final Thread slot = new Thread(this::waitOnce, "slot");

  @BeforeEach
  void aSlotWaits() {
    listener.queue(SqsListenerConfig.of("q")).build();
    slot.start();
    await().until(() -> slot.getState() == Thread.State.WAITING);
  }

  @AfterEach
  void end() {
    listener.locked(listener.board::wakeEveryone);
    await().until(() -> !slot.isAlive());
    listener.close();
  }

  private void waitOnce() {
    lookAndWait(() -> {});
    woken.set(true);
  }

  private void lookAndWait(Runnable before) {
    listener.locked(
        () -> {
          before.run();
          long now = listener.board.clock.nanoTime();
          if (listener.board.choice.best(now) == null) {
            try {
              listener.board.awaitStartable(now);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        });
  }

  @Test
  void aMessageWakesIt() {
    listener.arrive("q", "m");
    await().untilTrue(woken);
  }

  /** Another slot is about to wait, and has first to do what was left for later. */
  @Test
  void itIsWokenAndNotOneThatIsBusyWithWhatWasLeftForLater() {
    lookAndWait(() -> listener.board.later(() -> listener.arrive("q", "m")));
    await().untilTrue(woken);
  }
}
