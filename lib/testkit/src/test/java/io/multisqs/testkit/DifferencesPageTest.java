package io.multisqs.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DifferencesPageTest {

  @Test
  void pageShowsTheTableThatTheServicesAreHeldTo() throws Exception {
    assertThat(Files.readString(Path.of("..", "docs", "TESTKIT.md"))).contains(Difference.table());
  }
}
