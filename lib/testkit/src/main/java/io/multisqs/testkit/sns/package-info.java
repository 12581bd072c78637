/**
 * An SNS to test against, in the same JVM: {@link io.multisqs.testkit.sns.LocalSns} delivers into
 * queues of {@link io.multisqs.testkit.LocalSqs}.
 */
@NullMarked
package io.multisqs.testkit.sns;

import org.jspecify.annotations.NullMarked;
