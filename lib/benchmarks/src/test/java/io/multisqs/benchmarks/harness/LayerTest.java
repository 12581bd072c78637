package io.multisqs.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LayerTest {
  private static final String CLIENT =
      "software.amazon.awssdk.services.sqs.DefaultSqsClient.delete";
  private static final String PIPELINE =
      "software.amazon.awssdk.core.internal.http.pipeline.stages.RetryableStage.execute";
  private static final String OURS = "io.multisqs.MultiSqsListener.handleMessage";

  @Test
  void workOfTheJdkIsOfWhomItIsDoneFor() {
    assertThat(Layer.of(List.of("java.util.HashMap.get", PIPELINE, CLIENT, OURS)))
        .isEqualTo(Layer.SDK);
    assertThat(Layer.of(List.of("java.util.HashMap.get", OURS))).isEqualTo(Layer.LISTENER);
    assertThat(
            Layer.of(
                List.of(
                    "java.security.MessageDigest.update",
                    "software.amazon.awssdk.services.sqs.internal.MessageMD5ChecksumInterceptor.md5",
                    PIPELINE)))
        .isEqualTo(Layer.MD5);
    assertThat(
            Layer.of(
                List.of(
                    "javax.crypto.Mac.doFinal",
                    "software.amazon.awssdk.http.auth.aws.internal.signer.V4CanonicalRequest.of",
                    PIPELINE)))
        .isEqualTo(Layer.SIGNING);
    assertThat(
            Layer.of(
                List.of(
                    "software.amazon.awssdk.thirdparty.jackson.core.json.Parser.nextToken",
                    "software.amazon.awssdk.protocols.json.internal.unmarshall.Parser.parse")))
        .isEqualTo(Layer.JSON);
    assertThat(
            Layer.of(
                List.of(
                    "org.apache.hc.core5.http.impl.io.ChunkedInputStream.read",
                    "software.amazon.awssdk.protocols.json.internal.unmarshall.Parser.parse")))
        .isEqualTo(Layer.HTTP);
  }

  @Test
  void talkingToTheKernelIsALayerOfItsOwn() {
    assertThat(Layer.of(List.of("sun.nio.ch.SocketDispatcher.write0", "org.apache.hc.Out.flush")))
        .isEqualTo(Layer.SOCKETS);
    assertThat(Layer.of(List.of("jdk.internal.misc.Unsafe.unpark", OURS))).isEqualTo(Layer.WAKING);
    assertThat(Layer.of(List.of("sun.nio.ch.EventFD.write0", "io.netty.Loop.wakeup")))
        .isEqualTo(Layer.WAKING);
  }

  @Test
  void utilitiesAndHandlersAreNotTheListeners() {
    assertThat(Layer.of(List.of("software.amazon.awssdk.utils.Validate.notNull", OURS)))
        .isEqualTo(Layer.LISTENER);
    assertThat(
            Layer.of(
                List.of(
                    "java.lang.Long.rotate",
                    "io.multisqs.benchmarks.harness.Recorder.handle",
                    OURS)))
        .isEqualTo(Layer.HANDLER);
  }

  @Test
  void aRivalsOwnIsItsListeners() {
    assertThat(Layer.of(List.of("io.awspring.cloud.sqs.listener.Pipeline.run")))
        .isEqualTo(Layer.LISTENER);
    assertThat(
            Layer.of(
                List.of(
                    "software.amazon.awssdk.services.sqs.internal.batchmanager.Buffer.put",
                    CLIENT)))
        .isEqualTo(Layer.LISTENER);
  }

  @Test
  void whatIsNobodysIsElse() {
    assertThat(Layer.of(List.of("java.lang.Thread.run"))).isEqualTo(Layer.OTHER);
    assertThat(Layer.of(List.of())).isEqualTo(Layer.OTHER);
  }
}
