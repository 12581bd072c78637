package com.example;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** Runs second: classes are ordered by their names. */
class AfterwardsItIsClosedTest {
  @Test
  void nobodyListensAnyMore() {
    assertNotNull(AServerIsHandedOutTest.seen);
    URI endpoint = AServerIsHandedOutTest.seen.endpoint();
    assertThrows(
        IOException.class, () -> new Socket(endpoint.getHost(), endpoint.getPort()).close());
  }
}
