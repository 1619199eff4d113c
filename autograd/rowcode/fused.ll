; Functions as those of `vectors.ll`, for machines that multiply and add at once: elsewhere their differences would lose digits.

; x = k·π/2 + r, |r| ≤ 0.787, π/2 in three parts: the first difference is exact, and each of the others is rounded once. The sine and
; the cosine of r, and a number whose low bits are those of k. For r one polynomial, of degree 5 in r², is (sin r − r)/r³, one
; (cos r − 1 + r²/2)/r⁴. The sine of −0 stays −0
define internal { double, double, double } @vector.quarter(double %x) alwaysinline nounwind {
  %far = call double @vector.fma(double %x, double 0x3FE45F306DC9C883, double 0x4338000000000000)
  %k = fsub double %far, 0x4338000000000000
  %back = fneg double %k
  %r1 = call double @vector.fma(double %back, double 0x3FF921FB54442D18, double %x)
  %r2 = call double @vector.fma(double %back, double 0x3C91A62633145C07, double %r1)
  %r3 = call double @vector.fma(double %back, double 0xB91F1976B7ED8FBC, double %r2)
  %small = fcmp oeq double %k, 0.0
  %r = select i1 %small, double %x, double %r3
  %z = fmul double %r, %r
  %zz = fmul double %z, %z
  %s.even1 = call double @vector.fma(double 0xBE5AE600209F300C, double %zz, double 0xBF2A01A019E7D005)
  %s.even0 = call double @vector.fma(double %s.even1, double %zz, double 0xBFC5555555555555)
  %s.odd1 = call double @vector.fma(double 0x3DE5E07E04B2F65E, double %zz, double 0x3EC71DE378DE98A1)
  %s.odd0 = call double @vector.fma(double %s.odd1, double %zz, double 0x3F81111111110B96)
  %s = call double @vector.fma(double %s.odd0, double %z, double %s.even0)
  %cube = fmul double %r, %z
  %unsigned = call double @vector.fma(double %cube, double %s, double %r)
  %sine = call double @llvm.copysign.f64(double %unsigned, double %r)
  %c.even1 = call double @vector.fma(double 0x3E21EEB646BC534B, double %zz, double 0x3EFA01A019F4B5A0)
  %c.even0 = call double @vector.fma(double %c.even1, double %zz, double 0x3FA5555555555555)
  %c.odd1 = call double @vector.fma(double 0xBDA907A68F1C2AA4, double %zz, double 0xBE927E4FA1388BF6)
  %c.odd0 = call double @vector.fma(double %c.odd1, double %zz, double 0xBF56C16C16C16959)
  %c = call double @vector.fma(double %c.odd0, double %z, double %c.even0)
  %less = call double @vector.fma(double %z, double -5.0e-01, double 1.0)
  %cosine = call double @vector.fma(double %zz, double %c, double %less)
  %one = insertvalue { double, double, double } poison, double %sine, 0
  %two = insertvalue { double, double, double } %one, double %cosine, 1
  %all = insertvalue { double, double, double } %two, double %far, 2
  ret { double, double, double } %all
}

; y, but NaN where |x| is beyond 2⁴⁰ and three parts of π/2 are too few: the row refuses it, and nodes take over
define internal double @vector.if.near(double %x, double %y) alwaysinline nounwind {
  %size = call double @llvm.fabs.f64(double %x)
  %beyond = fcmp ogt double %size, 0x4270000000000000
  %found = select i1 %beyond, double 0x7FF8000000000000, double %y
  ret double %found
}

; the sine of x + n·π/2: the low bits of k + n choose
define internal double @vector.turned(double %x, i64 %n) alwaysinline nounwind {
  %parts = call { double, double, double } @vector.quarter(double %x)
  %sine = extractvalue { double, double, double } %parts, 0
  %cosine = extractvalue { double, double, double } %parts, 1
  %far = extractvalue { double, double, double } %parts, 2
  %bits = bitcast double %far to i64
  %quarters = add i64 %bits, %n
  %odd = and i64 %quarters, 1
  %turned = icmp ne i64 %odd, 0
  %y = select i1 %turned, double %cosine, double %sine
  %second = and i64 %quarters, 2
  %sign = shl i64 %second, 62
  %y.bits = bitcast double %y to i64
  %signed.bits = xor i64 %y.bits, %sign
  %signed = bitcast i64 %signed.bits to double
  %found = call double @vector.if.near(double %x, double %signed)
  ret double %found
}

define internal double @vector.sin(double %x) alwaysinline nounwind {
  %y = call double @vector.turned(double %x, i64 0)
  ret double %y
}

define internal double @vector.cos(double %x) alwaysinline nounwind {
  %y = call double @vector.turned(double %x, i64 1)
  ret double %y
}

; sin r/cos r, and in every second quarter −cos r/sin r
define internal double @vector.tan(double %x) alwaysinline nounwind {
  %parts = call { double, double, double } @vector.quarter(double %x)
  %sine = extractvalue { double, double, double } %parts, 0
  %cosine = extractvalue { double, double, double } %parts, 1
  %far = extractvalue { double, double, double } %parts, 2
  %bits = bitcast double %far to i64
  %odd = and i64 %bits, 1
  %turned = icmp ne i64 %odd, 0
  %back = fneg double %cosine
  %above = select i1 %turned, double %back, double %sine
  %below = select i1 %turned, double %sine, double %cosine
  %y = fdiv double %above, %below
  %found = call double @vector.if.near(double %x, double %y)
  ret double %found
}

; below 0.8 1 − erf x; above it e^−x²·q(s)/(1 + 2|x|), s = (|x| − 3.75)/(|x| + 3.75), where q, of degree 20, is (1 + 2|x|)·e^x²·erfc(|x|),
; between 1 and 1.3, and for negative x 2 less that. x² in two parts, since an error of it counts as many times as it is large; from
; |x| = 27.5 on the first is 0
define internal double @vector.erfc(double %x) alwaysinline nounwind {
  %size = call double @llvm.fabs.f64(double %x)
  %high = fcmp ogt double %size, 27.5
  %y = select i1 %high, double 27.5, double %size
  %over = fsub double %y, 3.75
  %under = fadd double %y, 3.75
  %s = fdiv double %over, %under
  %ss = fmul double %s, %s
  %q.even9 = call double @vector.fma(double 0x3E5653953CE08C65, double %ss, double 0xBE8F40BA5461A111)
  %q.even8 = call double @vector.fma(double %q.even9, double %ss, double 0x3EBD0D5A7660317A)
  %q.even7 = call double @vector.fma(double %q.even8, double %ss, double 0xBEE7FB0E5C9192BB)
  %q.even6 = call double @vector.fma(double %q.even7, double %ss, double 0x3F0B13DD5151A85B)
  %q.even5 = call double @vector.fma(double %q.even6, double %ss, double 0x3F333FB4AFDBEBA2)
  %q.even4 = call double @vector.fma(double %q.even5, double %ss, double 0xBF83F603C5772500)
  %q.even3 = call double @vector.fma(double %q.even4, double %ss, double 0xBFAE0D0FA6D6661E)
  %q.even2 = call double @vector.fma(double %q.even3, double %ss, double 0xBFBBDA9309A2B35F)
  %q.even1 = call double @vector.fma(double %q.even2, double %ss, double 0x3F6D5F294815AFAA)
  %q.even0 = call double @vector.fma(double %q.even1, double %ss, double 0x3FF3CCDA0B5D5DC2)
  %q.odd8 = call double @vector.fma(double 0x3E530EFA1B6A44AE, double %ss, double 0xBE6D24CCF16FCE6F)
  %q.odd7 = call double @vector.fma(double %q.odd8, double %ss, double 0xBEB05692025BD933)
  %q.odd6 = call double @vector.fma(double %q.odd7, double %ss, double 0x3EF7789F1F46B9E3)
  %q.odd5 = call double @vector.fma(double %q.odd6, double %ss, double 0xBF3303F9794EC76B)
  %q.odd4 = call double @vector.fma(double %q.odd5, double %ss, double 0x3F5CC3A0DC60AC99)
  %q.odd3 = call double @vector.fma(double %q.odd4, double %ss, double 0x3F9D0B0037E6FF11)
  %q.odd2 = call double @vector.fma(double %q.odd3, double %ss, double 0x3FB7A14188A97865)
  %q.odd1 = call double @vector.fma(double %q.odd2, double %ss, double 0x3FB510169D0968C6)
  %q.odd0 = call double @vector.fma(double %q.odd1, double %ss, double 0xBFC1F367683F89A7)
  %q = call double @vector.fma(double %q.odd0, double %s, double %q.even0)
  %square = fmul double %y, %y
  %exponent = fneg double %square
  %lost = call double @vector.fma(double %y, double %y, double %exponent)
  %parts = call { double, double } @vector.reduced(double %exponent)
  %r = extractvalue { double, double } %parts, 0
  %far.k = extractvalue { double, double } %parts, 1
  %less = fsub double %r, %lost
  %grown = call double @vector.grown(double %less)
  %divisor = call double @vector.fma(double %y, double 2.0, double 1.0)
  %ratio = fdiv double %q, %divisor
  %unscaled = call double @vector.fma(double %ratio, double %grown, double %ratio)
  %tail = call double @vector.scaled(double %unscaled, double %far.k)
  %rest = fsub double 2.0, %tail
  %negative = fcmp olt double %x, 0.0
  %far = select i1 %negative, double %rest, double %tail
  %erf = call double @vector.erf.near(double %x)
  %near = fsub double 1.0, %erf
  %small = fcmp olt double %size, 0.8
  %found = select i1 %small, double %near, double %far
  ret double %found
}
