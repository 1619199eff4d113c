; Functions as those of `vectors.ll`, for machines that multiply and add at once: elsewhere their differences would lose digits.

; the sine of x + n·π/2. x = k·π/2 + r, |r| ≤ 0.787, π/2 in three parts: the first difference is exact, and each of the others is
; rounded once. For r one polynomial, of degree 5 in r², is (sin r − r)/r³, one (cos r − 1 + r²/2)/r⁴; the low bits of k + n choose.
; NaN beyond 2⁴⁰, where three parts are too few: the row refuses it, and nodes take over. −0 stays −0
define internal double @vector.turned(double %x, i64 %n) alwaysinline nounwind {
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
  %ratio = call double @vector.fma(double %z, double %s, double 1.0)
  %sine = fmul double %r, %ratio
  %c.even1 = call double @vector.fma(double 0x3E21EEB646BC534B, double %zz, double 0x3EFA01A019F4B5A0)
  %c.even0 = call double @vector.fma(double %c.even1, double %zz, double 0x3FA5555555555555)
  %c.odd1 = call double @vector.fma(double 0xBDA907A68F1C2AA4, double %zz, double 0xBE927E4FA1388BF6)
  %c.odd0 = call double @vector.fma(double %c.odd1, double %zz, double 0xBF56C16C16C16959)
  %c = call double @vector.fma(double %c.odd0, double %z, double %c.even0)
  %less = call double @vector.fma(double %z, double -5.0e-01, double 1.0)
  %cosine = call double @vector.fma(double %zz, double %c, double %less)
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
  %size = call double @llvm.fabs.f64(double %x)
  %beyond = fcmp ogt double %size, 0x4270000000000000
  %found = select i1 %beyond, double 0x7FF8000000000000, double %signed
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
