package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

class ThreadsTest {
  private static final InheritableThreadLocal<String> USER = new InheritableThreadLocal<>();

  @Test
  void noThreadInheritsWhatIsItsStartersOwn() throws Exception {
    Threads threads = new Threads(false);
    assertThatNothingIsInherited(threads::start);
    assertThatNothingIsInherited(threads::startLasting);
    assertThatNothingIsInherited(threads::startCall);
    assertThatNothingIsInherited((name, work) -> Threads.daemon(name, work).start());
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void norDoesVirtualOne() throws Exception {
    assertThatNothingIsInherited(new Threads(true)::start);
  }

  private static void assertThatNothingIsInherited(BiConsumer<String, Runnable> start)
      throws Exception {
    CompletableFuture<String> inherited = new CompletableFuture<>();
    USER.set("whoever asks");
    try {
      start.accept("test", () -> inherited.complete("" + USER.get()));
    } finally {
      USER.remove();
    }
    assertThat(inherited.get(10, TimeUnit.SECONDS)).isEqualTo("null");
  }
}
